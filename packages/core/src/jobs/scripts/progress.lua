-- PROGRESS: what the holder has to say of its attempt.
-- ARGV: id, attempt, token, value, message
local job = load(ARGV[1])
if job.status ~= 'processing' or not holds(job, ARGV[2], ARGV[3]) then return { 'STALE' } end
redis.call('HSET', K.job .. ARGV[1], 'progressValue', ARGV[4], 'progressMessage', ARGV[5])
return { 'OK' }
