-- Rows as the first desk (0001) had them: two people, one of them at work. Frozen.
INSERT INTO people VALUES ('p1', 'anna', 'Anna', 'supervisor', '$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHQ$aGFzaGhhc2g', NULL, 0, 0, 20, 0, 1793600000.0);
INSERT INTO people VALUES ('p2', 'boss', 'Boss', 'administrator', NULL, NULL, 0, 0, 0, 0, 1793600000.0);
INSERT INTO sessions VALUES ('hash of a session', 'p1', 'csrf', 1793600000.0, 1793600010.0);
INSERT INTO log_in_attempts VALUES ('anna', '127.0.0.1', 1, 1793600000.0);
INSERT INTO tokens VALUES ('k1', 'hash of a token', 'p2', 'CRM', 1793600000.0, NULL, NULL);
INSERT INTO audit VALUES (1, 1793600000.0, 'p1', 'call.seen', 'call', '{}', '127.0.0.1');
INSERT INTO claims VALUES ('call', 'p1', 1793600000.0, 1793601200.0);
INSERT INTO drafts VALUES ('deefa182fd18aca8', 'p1', '{"answers": []}', 1793600000.0);
INSERT INTO submissions VALUES ('s1', 'call', 'deefa182fd18aca8', 'p1', '{}', 1793600000.0, 1793600001.0, NULL, NULL);
INSERT INTO webhook_deliveries VALUES ('w1', 'http://crm', 'call.confirmed', '{}', 1793600000.0, 1, NULL, 1793600002.0, NULL);
