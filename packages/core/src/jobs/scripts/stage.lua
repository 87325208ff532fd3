-- STAGE: a large output is put beside the job; COMPLETE commits it.
-- ARGV: id, attempt, token, hash, bytes, media type, encoding, payload, TTL ms
local id = ARGV[1]
local job = load(id)
if not job.status then return { 'GONE' } end
if isFinal(job.status) or not holds(job, ARGV[2], ARGV[3]) then return { 'STALE', job.status } end
redis.call('SET', K.staged .. id .. ':' .. ARGV[2], ARGV[8], 'PX', ARGV[9])
redis.call('HSET', K.job .. id, 'stagedHash', ARGV[4], 'stagedBytes', ARGV[5], 'stagedMediaType', ARGV[6],
  'stagedEncoding', ARGV[7])
return { 'OK' }
