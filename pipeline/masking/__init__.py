"""Numbers, e-mail addresses, names and addresses hidden in what was said; see docs/privacy.md for how well."""

from pipeline.masking.masks import hide, mask, mask_words
from pipeline.masking.spans import Hidden, find_hidden, find_hidden_in_lines

__all__ = ["Hidden", "find_hidden", "find_hidden_in_lines", "hide", "mask", "mask_words"]
