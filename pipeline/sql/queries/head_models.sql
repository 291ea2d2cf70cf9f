SELECT
    version, parent, encoder, data_hash, dialogue_count, verdict_call_count, verdict_count, learned_until, figures,
    created_at
FROM base.head_models
ORDER BY created_at, version
