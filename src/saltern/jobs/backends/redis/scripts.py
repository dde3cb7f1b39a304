"""What happens on the server in one step: Redis runs a script to its end before anything else.

Keys, all behind one prefix (in one hash slot):

===================  ==================================================================================================
meta                 hash: `seq` (the last cursor), `jobs`, `bytes`, `version`
job:JID              hash: `load` (MessagePack), `created`, `bytes`, and counts of outcomes by number of state
outcomes:JID         hash: minion to `state|seq|changed|started|retcode|success|size|note`, times in microseconds
bodies:JID           hash: minion to `0` and the bytes, or `1` and the name of a large one
body:NAME            list: the pieces of a large body; until an outcome takes it, it ends after an hour
large:JID            set: names of large bodies
jids, minion:ID      sorted sets of jids, all or those that concern a minion
created              sorted set: jids by when they were made
open                 sorted set: jids with open outcomes
ended                sorted set: jids with ends other than `returned`, by the last moment of one in microseconds (0: not
                     known, from a version that did not keep it)
touched              sorted set: jids by the highest cursor of their outcomes
writer:NAME          hash: what each script of the writer's last batch answered, so that none is done twice
===================  ==================================================================================================
"""

from __future__ import annotations

from saltern.jobs.rows import STATES
from saltern.jobs.transition import judge
from saltern.model.job import Verdict

VERSION = 1
"""Of the keys above. A newer one is migrated to when a store is opened."""

VERDICTS = {
    ord("S"): Verdict.STORED,
    ord("R"): Verdict.REPEAT,
    ord("T"): Verdict.STALE,
    ord("U"): Verdict.UNKNOWN_JOB,
    ord("N"): Verdict.NOT_TARGETED,
}
_LETTER = {verdict: chr(letter) for letter, verdict in VERDICTS.items()}

MATRIX = "".join(_LETTER[judge(old, new)] for old in STATES for new in STATES)
"""The verdict on each step from one state to another."""

_ONCE = """
local p, writer, number = ARGV[1], ARGV[1] .. 'writer:' .. ARGV[2], ARGV[3]
local answered = redis.call('HGET', writer, number)
if answered then return answered end
local function answer(text)
    redis.call('HSET', writer, number, text)
    redis.call('EXPIRE', writer, 86400)
    return text
end
"""

CREATE = (
    _ONCE
    + """
-- ARGV: prefix, writer, number, jid, load, created, created in microseconds, bytes, minion...
local jid, job = ARGV[4], p .. 'job:' .. ARGV[4]
if redis.call('EXISTS', job) == 1 then return answer('exists') end
local count = #ARGV - 8
local seq = redis.call('HINCRBY', p .. 'meta', 'seq', count) - count
redis.call('HINCRBY', p .. 'meta', 'jobs', 1)
redis.call('HINCRBY', p .. 'meta', 'bytes', ARGV[8])
redis.call('HSET', job, 'load', ARGV[5], 'created', ARGV[6], 'bytes', ARGV[8], '0', count)
redis.call('ZADD', p .. 'jids', 0, jid)
redis.call('ZADD', p .. 'created', ARGV[6], jid)
redis.call('ZADD', p .. 'touched', seq + count, jid)
if count > 0 then redis.call('ZADD', p .. 'open', 0, jid) end
for i = 9, #ARGV do
    seq = seq + 1
    local row = '0|' .. string.format('%.0f', seq) .. '|' .. ARGV[7] .. '|||' .. '|0|'
    redis.call('HSET', p .. 'outcomes:' .. jid, ARGV[i], row)
    redis.call('ZADD', p .. 'minion:' .. ARGV[i], 0, jid)
end
return answer('made')
"""
)

RECORD = (
    _ONCE
    + """
-- ARGV: prefix, writer, number, matrix, then ten for each change:
-- jid, minion, state, changed, started, retcode, success, size, note, body (empty: none, else its mark and bytes)
local matrix, verdicts, jobs = ARGV[4], {}, {}
local function row_of(jid, minion)
    local row = redis.call('HGET', p .. 'outcomes:' .. jid, minion)
    if not row then return nil end
    local state, _, _, started, _, _, size = string.match(row, '^(%d+)|(%d+)|(%d+)|(%d*)|(-?%d*)|(%d*)|(%d+)|')
    return tonumber(state), started, tonumber(size)
end
local function let_go(jid, minion)
    local old = redis.call('HGET', p .. 'bodies:' .. jid, minion)
    if not old then return end
    if string.sub(old, 1, 1) == '1' then
        redis.call('UNLINK', p .. 'body:' .. string.sub(old, 2))
        redis.call('SREM', p .. 'large:' .. jid, string.sub(old, 2))
    end
    redis.call('HDEL', p .. 'bodies:' .. jid, minion)
end
local function keep(jid, minion, body)
    if string.sub(body, 1, 1) == '1' then
        redis.call('PERSIST', p .. 'body:' .. string.sub(body, 2))
        redis.call('SADD', p .. 'large:' .. jid, string.sub(body, 2))
    end
    redis.call('HSET', p .. 'bodies:' .. jid, minion, body)
end
local grown = 0
for i = 5, #ARGV, 10 do
    local jid, minion, new = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2])
    local verdict = 'N'
    local old, started, size = row_of(jid, minion)
    if old then
        local place = old * 10 + new + 1
        verdict = string.sub(matrix, place, place)
    elseif redis.call('EXISTS', p .. 'job:' .. jid) == 0 then
        verdict = 'U'
    end
    if verdict == 'S' then
        local seq = string.format('%.0f', redis.call('HINCRBY', p .. 'meta', 'seq', 1))
        if ARGV[i + 4] ~= '' then started = ARGV[i + 4] end
        redis.call('HSET', p .. 'outcomes:' .. jid, minion, table.concat(
            {ARGV[i + 2], seq, ARGV[i + 3], started, ARGV[i + 5], ARGV[i + 6], ARGV[i + 7], ARGV[i + 8]}, '|'))
        let_go(jid, minion)
        if ARGV[i + 9] ~= '' then keep(jid, minion, ARGV[i + 9]) end
        local job = jobs[jid] or {bytes = 0, moves = {}}
        job.seq, job.bytes = seq, job.bytes + tonumber(ARGV[i + 7]) - size
        job.moves[old] = (job.moves[old] or 0) - 1
        job.moves[new] = (job.moves[new] or 0) + 1
        if new > 3 then job.ended = math.max(job.ended or 0, tonumber(ARGV[i + 3])) end
        jobs[jid] = job
    end
    verdicts[#verdicts + 1] = verdict
end
for jid, moved in pairs(jobs) do
    local job = p .. 'job:' .. jid
    for state, by in pairs(moved.moves) do
        if by ~= 0 then redis.call('HINCRBY', job, string.format('%.0f', state), string.format('%.0f', by)) end
    end
    redis.call('HINCRBY', job, 'bytes', string.format('%.0f', moved.bytes))
    redis.call('ZADD', p .. 'touched', moved.seq, jid)
    if moved.ended then redis.call('ZADD', p .. 'ended', 'GT', string.format('%.0f', moved.ended), jid) end
    local counts = redis.call('HMGET', job, '0', '1', '2')
    if (tonumber(counts[1] or 0) or 0) + (tonumber(counts[2] or 0) or 0) + (tonumber(counts[3] or 0) or 0) == 0 then
        redis.call('ZREM', p .. 'open', jid)
    end
    grown = grown + moved.bytes
end
if grown ~= 0 then redis.call('HINCRBY', p .. 'meta', 'bytes', string.format('%.0f', grown)) end
return answer(table.concat(verdicts))
"""
)

EXPIRE = """
-- ARGV: prefix, oldest moment that stays (or empty), most jobs (or 0), most bytes (or 0), most outcomes to drop now
local p, dropped, outcomes = ARGV[1], 0, 0
local jobs = tonumber(redis.call('HGET', p .. 'meta', 'jobs') or 0)
local bytes = tonumber(redis.call('HGET', p .. 'meta', 'bytes') or 0)
while true do
    local oldest = redis.call('ZRANGE', p .. 'created', 0, 0, 'WITHSCORES')
    local jid = oldest[1]
    if not jid then break end
    local aged = ARGV[2] ~= '' and tonumber(oldest[2]) < tonumber(ARGV[2])
    local many = tonumber(ARGV[3]) > 0 and jobs > tonumber(ARGV[3])
    local large = tonumber(ARGV[4]) > 0 and bytes > tonumber(ARGV[4])
    if not (aged or many or large) then break end
    outcomes = outcomes + redis.call('HLEN', p .. 'outcomes:' .. jid)
    if dropped > 0 and outcomes > tonumber(ARGV[5]) then return {dropped, 1} end
    for _, minion in ipairs(redis.call('HKEYS', p .. 'outcomes:' .. jid)) do
        redis.call('ZREM', p .. 'minion:' .. minion, jid)
    end
    for _, name in ipairs(redis.call('SMEMBERS', p .. 'large:' .. jid)) do
        redis.call('UNLINK', p .. 'body:' .. name)
    end
    local size = tonumber(redis.call('HGET', p .. 'job:' .. jid, 'bytes'))
    for _, kind in ipairs({'job:', 'outcomes:', 'bodies:', 'large:'}) do redis.call('UNLINK', p .. kind .. jid) end
    for _, set in ipairs({'jids', 'created', 'open', 'ended', 'touched'}) do redis.call('ZREM', p .. set, jid) end
    redis.call('HINCRBY', p .. 'meta', 'jobs', -1)
    redis.call('HINCRBY', p .. 'meta', 'bytes', string.format('%.0f', -size))
    jobs, bytes, dropped = jobs - 1, bytes - size, dropped + 1
end
return {dropped, 0}
"""
