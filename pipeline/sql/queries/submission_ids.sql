SELECT DISTINCT submission_id FROM base.submissions
