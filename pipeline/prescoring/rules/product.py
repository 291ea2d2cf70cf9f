"""Product told: what it does for this client's need, or price and features only."""

from pipeline.prescoring.findings import Finding, distinct
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.reading import Line, Reading

_EXPLANATION_WORDS = 18  # a benefit takes a few words
_LOOK_BACK = 30


def judge_product(case: Case) -> Finding:
    """A benefit is an explanation to `you` that takes up the client's own words."""
    reading = case.reading
    benefits = [line for line in reading.of("agent") if len(line.tokens) >= _EXPLANATION_WORDS and line.has("benefit")]
    tied = [line for line in benefits if own_words(reading, line)]
    if tied:
        tied.sort(key=lambda line: -len(own_words(reading, line)) - 2 * len(line.hits["benefit"]))
        sure = len(tied) > 1 or len(tied[0].hits["benefit"]) > 1
        return Finding(1.0, 0.6 if sure else 0.5, "benefit", distinct([line.quote_of("benefit") for line in tied]))
    terms = [line for line in reading.of("agent") if line.has("terms") and len(line.tokens) > 3]
    terms += [line for line in benefits if line not in terms]
    if terms:
        return Finding(0.5, 0.55, "terms_only", distinct([line.quote_of("terms", "benefit") for line in terms]))
    return Finding(0.0, 0.6, "none", distinct([line.quote() for line in list(reading.of("agent"))[-1:]]))


def own_words(reading: Reading, line: Line) -> frozenset[str]:
    """Content words that the client had used before and the agent takes up here."""
    earlier = {
        token.lemma
        for other in reading.lines[max(0, line.position - _LOOK_BACK) : line.position]
        if other.role == "client"
        for token in other.tokens
        if len(token.lemma) > 4
    }
    return frozenset(token.lemma for token in line.tokens if token.lemma in earlier)
