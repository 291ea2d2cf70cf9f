SELECT content FROM drafts WHERE evaluation_id = :evaluation_id AND person_id = :person_id
