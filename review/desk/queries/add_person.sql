INSERT INTO people (person_id, login, name, role, password_hash, manager, blind, masked, daily_plan, disabled, created_s)
VALUES (:person_id, :login, :name, :role, :password_hash, :manager, :blind, :masked, :daily_plan, :disabled, :created_s)
