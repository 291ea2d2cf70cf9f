"""Small randomly initialised models of the classes that the upper rungs run on, with tokenizers trained on the spot.

They answer nonsense: what they show is that the path from a folder with a checkpoint to an answer works.
"""

from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from models.transformers_loading import import_transformers

SENTENCES = (
    "Добрый день, меня зовут Анна, компания «Север».",
    "Good morning, this is Anna from Northway. How many people work there?",
    "Dzień dobry, mówi Anna z firmy Północ. Ile osób będzie korzystać?",
    '{"turn": 0, "role": "agent", "text": "0123456789"}',
)
CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
LABELS = ("contradiction", "neutral", "entailment")


def tokenizer(pairs: bool) -> Any:
    """Byte-level, so that it can write every character; `pairs`: with the marks between premise and hypothesis."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trained.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<pad>", "<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    trained.train_from_iterator(SENTENCES, trainer)
    if pairs:
        trained.post_processor = processors.TemplateProcessing(
            single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
        )
    return import_transformers().PreTrainedTokenizerFast(
        tokenizer_object=trained, pad_token="<pad>", bos_token="<s>", eos_token="</s>", cls_token="<s>"
    )


def save_entailer(folder: Path, kind: str, labels: tuple[str, ...] = LABELS, favoured: str | None = None) -> Path:
    """A cross-encoder of the class of mDeBERTa or of bge-m3; `favoured` names the label that it always prefers."""
    transformers = import_transformers()
    import torch

    tokens = tokenizer(pairs=True)
    sizes: dict[str, Any] = {
        "vocab_size": len(tokens),
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 140,
        "pad_token_id": 0,
        "initializer_range": 0.7,  # so large that answers differ
        "id2label": dict(enumerate(labels)),
        "label2id": {label: place for place, label in enumerate(labels)},
    }
    torch.manual_seed(7)
    model: Any
    if kind == "deberta":
        model = transformers.DebertaV2ForSequenceClassification(
            transformers.DebertaV2Config(
                **sizes, relative_attention=True, pos_att_type=["p2c", "c2p"], type_vocab_size=0
            )
        )
        head = model.classifier
    else:
        config = transformers.XLMRobertaConfig(**sizes, type_vocab_size=1)
        model = transformers.XLMRobertaForSequenceClassification(config)
        head = model.classifier.out_proj
    if favoured is not None:
        torch.nn.init.zeros_(head.weight)
        with torch.no_grad():
            head.bias.copy_(torch.tensor([3.0 if label == favoured else 0.0 for label in labels]))
    model.save_pretrained(folder)
    tokens.save_pretrained(folder)
    return folder


def save_instructor(folder: Path, chat_template: str | None = CHAT_TEMPLATE, max_tokens: int = 8192) -> Path:
    """A causal model of the class of Qwen2, its vocabulary larger than the tokenizer's, as real ones are padded."""
    transformers = import_transformers()
    import torch

    tokens = tokenizer(pairs=False)
    tokens.chat_template = chat_template
    torch.manual_seed(7)
    config = transformers.Qwen2Config(
        vocab_size=len(tokens) + 24,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        intermediate_size=32,
        max_position_embeddings=max_tokens,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    )
    transformers.Qwen2ForCausalLM(config).save_pretrained(folder)
    tokens.save_pretrained(folder)
    return folder
