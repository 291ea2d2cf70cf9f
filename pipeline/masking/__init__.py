"""Numbers, e-mail addresses, names and addresses hidden in what was said; see docs/privacy.md for how well."""

from pipeline.masking.masks import MaskedWords, hide, mask, mask_words
from pipeline.masking.spans import Hidden, find_hidden, find_hidden_in_lines
from pipeline.masking.vocabulary import Kind

__all__ = ["Hidden", "Kind", "MaskedWords", "find_hidden", "find_hidden_in_lines", "hide", "mask", "mask_words"]
