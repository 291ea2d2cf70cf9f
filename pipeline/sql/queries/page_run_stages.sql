SELECT stage, recording_count, processing_s, audio_s, real_time_factor
FROM main.stage_times
WHERE run_id = $run_id
