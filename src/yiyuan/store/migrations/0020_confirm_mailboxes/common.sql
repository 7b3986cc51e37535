-- Why: whoever may set up where an account is told could have mails sent to any mailbox. A
-- mailbox of a customer's proves itself first; those that are told already stay as they are.
-- Lock: a column without a default, and the few rows of `notice_sinks`. Duration: milliseconds.

ALTER TABLE notice_sinks ADD COLUMN confirmed_at INTEGER;
UPDATE notice_sinks SET confirmed_at = created_at;
