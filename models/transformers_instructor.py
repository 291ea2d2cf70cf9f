"""transformers behind `Instructor`: a language model in this process, held to the JSON schema by llguidance.

llguidance is the engine that vLLM and llama.cpp offer for the same: at each step it says which tokens the grammar
allows, the others get no probability. Decoding is greedy.
"""

import importlib.util
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from models.transformers_loading import Checkpoint, import_transformers, load_pretrained, shown_unavailable
from pipeline.errors import ConfigurationError, UnavailableError
from pipeline.interfaces import Message

MOST_CHARACTERS = 300  # of one text
MOST_ITEMS = 4
LARGEST_NUMBER = 99_999


class TransformersInstructor:
    def __init__(self, checkpoint: Checkpoint, max_new_tokens: int = 2000) -> None:
        """Raises ConfigurationError when the library that enforces the schema is not installed."""
        if importlib.util.find_spec("llguidance") is None:
            raise ConfigurationError(
                "judge.instruct with backend transformers needs llguidance: "
                ".venv/bin/pip install -e '.[instruct]' -c constraints.txt, or use a server with backend openai"
            )
        self._checkpoint = checkpoint
        self._max_new_tokens = max_new_tokens

    @property
    def identity(self) -> str:
        return f"{self._checkpoint.identity}:greedy:new{self._max_new_tokens}"

    @cached_property
    def _loaded(self) -> tuple[Any, Any, Any]:
        """Tokenizer, model, and the tokenizer as llguidance sees it."""
        import llguidance.hf

        tokenizer, model = load_pretrained("AutoModelForCausalLM", self._checkpoint)
        if tokenizer.chat_template is None:
            raise UnavailableError(
                f"{self._checkpoint.model}: has no chat template, so is no instruct model; name one under "
                "judge.instruct.model"
            )
        ends = model.generation_config.eos_token_id or tokenizer.eos_token_id
        size = model.config.get_text_config().vocab_size  # may be larger than the tokenizer's
        grammar_tokens = llguidance.hf.from_tokenizer(tokenizer, n_vocab=size, eos_token=ends)
        return tokenizer, model, grammar_tokens

    def answer(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> str:
        """JSON by the schema; what was cut short at `max_new_tokens` is no whole JSON."""
        import torch

        with shown_unavailable(self._checkpoint.model):
            tokenizer, model, grammar_tokens = self._loaded
            inputs = tokenizer.apply_chat_template(
                [{"role": message.role, "content": message.content} for message in messages],
                add_generation_prompt=True,
                return_dict=True,
                return_tensors="pt",
                enable_thinking=False,  # templates that know no such switch ignore it
            ).to(model.device)
            asked = inputs["input_ids"].shape[1]
            enforcer = SchemaEnforcer(grammar_tokens, schema, asked)
            with torch.inference_mode():
                tokens = model.generate(
                    **inputs,
                    do_sample=False,
                    max_new_tokens=self._max_new_tokens,
                    logits_processor=import_transformers().LogitsProcessorList([enforcer]),
                )
            return str(tokenizer.decode(tokens[0, asked:], skip_special_tokens=True))


class SchemaEnforcer:
    """Takes the probability from every token that the schema does not allow next. For one answer, a batch of one."""

    def __init__(self, grammar_tokens: Any, schema: Mapping[str, Any], asked: int) -> None:
        """`asked`: tokens of the question, which come before the answer."""
        from llguidance import LLMatcher

        grammar = LLMatcher.grammar_from_json_schema(json.dumps(bounded(schema)), overrides=_COMPACT)
        self._matcher = LLMatcher(grammar_tokens, grammar)
        if self._matcher.is_error():
            raise UnavailableError(f"the answer's schema cannot be enforced: {self._matcher.get_error()}")
        self._read = asked

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        import torch

        for token in input_ids[0, self._read :].tolist():
            self._matcher.consume_token(token)
        self._read = input_ids.shape[1]
        mask = torch.frombuffer(bytearray(self._matcher.compute_bitmask()), dtype=torch.uint8)
        bits = (mask[:, None] >> torch.arange(8, dtype=torch.uint8)) & 1  # the lowest bit first; shape: (num_bytes, 8)
        allowed = bits.flatten()[: scores.shape[1]].bool().to(scores.device)
        return scores.masked_fill(~allowed, float("-inf"))


_COMPACT: Any = {"whitespace_flexible": False}  # a weak model would write spaces until it is cut short


def bounded(schema: Any) -> Any:
    """The schema with bounds on texts, lists and numbers, which servers' strict modes do not know but this one does."""
    if isinstance(schema, list):
        return [bounded(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    bounds: dict[str, Any] = {
        "string": {"maxLength": MOST_CHARACTERS},
        "array": {"maxItems": MOST_ITEMS},
        "integer": {"minimum": 0, "maximum": LARGEST_NUMBER},
    }.get(str(schema.get("type")), {})
    return (bounds if "enum" not in schema else {}) | {key: bounded(value) for key, value in schema.items()}
