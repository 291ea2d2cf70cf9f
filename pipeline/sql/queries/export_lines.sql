-- One JSON text per call.
WITH utterances AS (
    SELECT
        call_id,
        list({'role': role, 'start_s': start_s, 'end_s': end_s, 'text': text} ORDER BY utterance_index) AS utterances
    FROM main.utterances
    GROUP BY call_id
),
criteria AS (
    SELECT
        score.call_id,
        score.checklist_id,
        list(
            {
                'id': score.criterion_id,
                'title': score.title,
                'group': score.criterion_group,
                'weight': score.weight,
                'applicable': score.applicable,
                'value': score.value,
                'is_verdict': score.is_verdict,
                'is_auto_confirmed': coalesce(score.reviewer = 'auto-confirmation', false),
                'suggested_applicable': score.suggested_applicable,
                'suggested_value': score.suggested_value,
                'confidence': score.suggested_confidence,
                'evidence': coalesce(suggestion.quotes, [])
            } ORDER BY score.criterion_order
        ) AS criteria
    FROM main.current_scores AS score
    LEFT JOIN main.suggestions AS suggestion
        ON suggestion.evaluation_id = score.evaluation_id AND suggestion.criterion_id = score.criterion_id
    GROUP BY score.call_id, score.checklist_id
),
metrics AS (
    SELECT
        call_id,
        any_value({
            'duration_s': duration_s,
            'silence_share': silence_share,
            'longest_silence_s': longest_silence_s,
            'overlap_s': overlap_s
        }) AS conversation,
        list({
            'role': role,
            'talk_s': talk_s,
            'talk_share': talk_share,
            'longest_monologue_s': longest_monologue_s,
            'pace_wpm': pace_wpm,
            'interruptions': interruptions,
            'response_time_s': response_time_s
        } ORDER BY role) FILTER (role IS NOT NULL) AS roles
    FROM main.conversation_metrics
    GROUP BY call_id
)
SELECT to_json({
    'call_id': call.call_id,
    'journal_call_id': call.journal_call_id,
    'file_name': call.file_name,
    'content_sha256': call.content_sha256,
    'source': call.source,
    'direction': call.direction,
    'manager': call.manager,
    'client_phone_last4': call.client_phone_last4,
    'started_at': strftime(call.started_at, '%Y-%m-%dT%H:%M:%SZ'),
    'status': call.status,
    'failure_code': call.failure_code,
    'language': call.language,
    'duration_s': call.duration_s,
    'call_type': call.call_type,
    'call_type_confidence': call.call_type_confidence,
    'checklist_id': call.checklist_id,
    'cqr': call.cqr,
    'passed': call.passed,
    'criteria': coalesce(criteria.criteria, []),
    'metrics': {'conversation': metrics.conversation, 'roles': coalesce(metrics.roles, [])},
    'utterances': coalesce(utterances.utterances, [])
})::VARCHAR AS line
FROM main.calls AS call
LEFT JOIN utterances USING (call_id)
LEFT JOIN criteria ON criteria.call_id = call.call_id AND criteria.checklist_id = call.checklist_id
LEFT JOIN metrics ON metrics.call_id = call.call_id
ORDER BY call.started_at, call.call_id
