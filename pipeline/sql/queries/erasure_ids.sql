SELECT erasure_id
FROM base.erasures
