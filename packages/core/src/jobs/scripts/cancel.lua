-- CANCEL: the owner changed its mind. A running job's worker hears of it with its next beat.
-- ARGV: id
local job = load(ARGV[1])
if not job.status then return { 'GONE' } end
if isFinal(job.status) then return { 'FINAL', job.status } end
finish(ARGV[1], job, 'cancelled', {})
return { 'OK', job.status }
