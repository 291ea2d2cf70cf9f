UPDATE people
SET
    login = :login,
    name = :name,
    role = :role,
    manager = :manager,
    blind = :blind,
    masked = :masked,
    daily_plan = :daily_plan,
    disabled = :disabled
WHERE person_id = :person_id
