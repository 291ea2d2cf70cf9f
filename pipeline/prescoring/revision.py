"""A changed checklist: which answers of earlier evaluations still stand, so that nobody judges them again."""

from dataclasses import dataclass, field

from pipeline.checklist import Checklist
from pipeline.prescoring.evaluation import Kept
from pipeline.prescoring.ladder import Judge, Unmoved
from pipeline.records import CallType, Evaluation


@dataclass(frozen=True)
class Revision:
    """What came of a checklist, or of another one, under one judge.

    The earlier evaluations must be of the same dialogue, by this judge, under the same settings: their stage key tells.
    """

    before: Checklist
    now: Checklist
    judge: Judge
    _unmoved: dict[CallType, Unmoved] = field(default_factory=dict, repr=False, compare=False)

    def kept(self, evaluation: Evaluation) -> Kept:
        """An evaluation by the earlier checklist, with those of its answers that the judge would give again."""
        unmoved = self._of(evaluation.call_type.call_type)
        answers = {answer.criterion_id: answer for answer in evaluation.suggestions if unmoved.stands(answer)}
        return Kept(evaluation, answers)

    def keeps_all(self, call_type: CallType) -> bool:
        """Whether all answers to a call of the type stand, whatever they are: its words need not be read."""
        unmoved = self._of(call_type)
        return all(criterion.id in unmoved.whole for criterion in self.now.criteria_for(call_type))

    def _of(self, call_type: CallType) -> Unmoved:
        """Of the criteria that calls of the type are asked: weights decide which they are."""
        if call_type not in self._unmoved:
            asked = self.before.criteria_for(call_type), self.now.criteria_for(call_type)
            self._unmoved[call_type] = self.judge.unmoved(*asked)
        return self._unmoved[call_type]
