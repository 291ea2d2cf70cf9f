SELECT occurred_s, coalesce(login, '') AS person, action, subject, detail, address
FROM audit
LEFT JOIN people USING (person_id)
WHERE
    (:login IS NULL OR login = :login)
    AND (:action IS NULL OR action = :action)
    AND (:subject IS NULL OR subject = :subject)
ORDER BY audit_id DESC
LIMIT :limit OFFSET :offset
