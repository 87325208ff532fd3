-- RECALL: the job that an earlier request with this idempotency key has made, for who is about to be refused.
-- ARGV: owner, idempotency key, fingerprint.
return earlier(ARGV[1], ARGV[2], ARGV[3]) or { 'NONE' }
