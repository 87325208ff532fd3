-- COMPLETE: the only commit of a result. A late one is welcome as long as nobody has claimed since.
-- ARGV: id, attempt, token, then of an output that comes along: hash, bytes, media type, encoding, payload; of a staged
--       one: nothing.
local id, attempt = ARGV[1], ARGV[2]
local job = load(id)
if not job.status then return { 'GONE' } end
local result = { hash = ARGV[4], bytes = ARGV[5], mediaType = ARGV[6], encoding = ARGV[7], payload = ARGV[8] }
if #ARGV == 3 then
  local staged = redis.call('HMGET', K.job .. id, 'stagedHash', 'stagedBytes', 'stagedMediaType', 'stagedEncoding')
  result = { hash = staged[1], bytes = staged[2], mediaType = staged[3], encoding = staged[4] }
end
if isFinal(job.status) then
  if job.status == 'done' and job.resultHash == result.hash and job.attempt == tonumber(attempt) then return { 'SAME' } end
  return { 'STALE', job.status }
end
if not holds(job, attempt, ARGV[3]) then return { 'STALE', job.status } end
if not result.payload and redis.call('EXISTS', K.staged .. id .. ':' .. attempt) == 0 then return { 'MISSING' } end
finishDone(id, job, result)
return { 'OK' }
