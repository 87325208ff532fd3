-- BEAT: the holder is alive. Takes an expired lease up again if nobody has claimed since.
-- ARGV: id, attempt, token, lease ms
local id = ARGV[1]
local job = load(id, 'runDeadline')
if job.status == 'cancelled' then return { 'CANCEL' } end
if not job.status or isFinal(job.status) or not holds(job, ARGV[2], ARGV[3]) then return { 'LOST' } end
-- A holder that is alive past the limit it should have kept itself. (A dead one is not too slow: its lease runs out.)
if job.runDeadline <= now then
  finishFailed(id, job, 'run-timeout', 'ran longer than its time limit', '0')
  return { 'LOST' }
end
redis.call('HSET', K.job .. id, 'status', 'processing', 'leaseUntil', now + tonumber(ARGV[4]), 'beatAt', now)
redis.call('ZREM', K.waiting .. job.pool, id)
if job.status == 'queued' then emit(id, job, 'started') end
redis.call('ZADD', K.due, now + tonumber(ARGV[4]), id)
return { 'OK' }
