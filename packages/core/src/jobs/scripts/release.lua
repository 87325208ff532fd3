-- RELEASE: a worker that stops gives its job back, and the try with it.
-- ARGV: id, attempt, token, first look ms
local id, attempt = ARGV[1], ARGV[2]
local job = load(id, 'settledAttempt', 'order', 'queueTimeoutMs')
if not job.status then return { 'GONE' } end
if job.settledAttempt == tonumber(attempt) and job.attempt == tonumber(attempt) then return { 'SAME' } end
if isFinal(job.status) or not holds(job, attempt, ARGV[3]) then return { 'STALE', job.status } end
redis.call('HSET', K.job .. id, 'settledAttempt', attempt, 'tries', math.max(0, job.tries - 1))
redis.call('HDEL', K.job .. id, 'token')
-- Its message goes back to the broker with it; the sweeper is the net under that.
enqueue(id, job, 0, tonumber(ARGV[4]))
emit(id, job, 'queued', { reason = 'released' })
count(job, 'released')
return { 'OK' }
