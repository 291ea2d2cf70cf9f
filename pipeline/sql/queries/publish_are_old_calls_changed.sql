-- Whether new standards change what is shown of calls that were published: another checklist is the default one, or a
-- version that had judged them is stored only now. Any other new version has judged new calls alone.
WITH fresh AS (
    SELECT checklist_id, version FROM store.base.checklist_versions WHERE rowid >= $checklist_versions
    UNION
    SELECT checklist_id, version FROM store.base.criteria WHERE rowid >= $criteria
    UNION
    SELECT checklist_id, version FROM store.base.criterion_weights WHERE rowid >= $criterion_weights
)
SELECT
    (SELECT count(*) FROM store.base.default_checklists) > $default_checklists
    OR EXISTS (
        FROM store.base.evaluations AS evaluation
        SEMI JOIN fresh
            ON fresh.checklist_id = evaluation.checklist_id AND fresh.version = evaluation.checklist_version
        WHERE evaluation.rowid < $evaluations
    ) AS are_changed
