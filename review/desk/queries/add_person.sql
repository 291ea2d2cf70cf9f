INSERT INTO people (
    person_id, login, name, role, password_hash, password_ends_s, manager, blind, masked, daily_plan, disabled, created_s
)
VALUES (
    :person_id, :login, :name, :role, :password_hash, :password_ends_s, :manager, :blind, :masked, :daily_plan, :disabled,
    :created_s
)
