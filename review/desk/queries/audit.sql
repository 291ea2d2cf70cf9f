SELECT
    audit_id,
    occurred_s,
    coalesce(people.login, '') AS person,
    action,
    subject,
    coalesce(meant.login, '') AS subject_login,
    detail,
    address
FROM audit
LEFT JOIN people USING (person_id)
LEFT JOIN people AS meant ON meant.person_id = audit.subject
WHERE
    (:person_id IS NULL OR audit.person_id = :person_id)
    AND (:action IS NULL OR action = :action)
    AND (:subject IS NULL OR subject = :subject)
    AND (:since_s IS NULL OR occurred_s >= :since_s)
    AND (:until_s IS NULL OR occurred_s < :until_s)
ORDER BY audit_id DESC
LIMIT :limit OFFSET :offset
