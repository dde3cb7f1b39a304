-- One partition of the job cache. Every write of a return touches as little as possible: its row in `outcome`, the entry
-- of the partial index that it leaves, and one row appended to `body`.

CREATE TABLE extent (             -- one row: what is known of the partition without looking further
    seq     INTEGER NOT NULL,     -- highest cursor given out
    jobs    INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,     -- of loads, outcomes and bodies, as retention counts them
    open    INTEGER NOT NULL,     -- outcomes that are not final
    low     TEXT NOT NULL,        -- lowest and highest jid
    high    TEXT NOT NULL,
    oldest  REAL NOT NULL,        -- first and last `created` of its jobs, seconds
    newest  REAL NOT NULL,
    touched INTEGER NOT NULL,     -- last `changed` of its outcomes, microseconds
    born    REAL NOT NULL         -- when the partition was begun, seconds
);

CREATE TABLE minion (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE job (
    id      INTEGER PRIMARY KEY,
    jid     TEXT NOT NULL UNIQUE,
    created REAL NOT NULL,
    fun     TEXT NOT NULL,        -- several names joined by commas
    tgt     TEXT NOT NULL,
    user    TEXT NOT NULL,
    tagged  INTEGER NOT NULL,     -- 1: the load has metadata
    bytes   INTEGER NOT NULL,
    counts  TEXT NOT NULL         -- JSON list: outcomes in each state, in the order of the state's numbers
);
CREATE INDEX job_created ON job (created, jid);

CREATE TABLE load (
    job  INTEGER PRIMARY KEY,
    data BLOB NOT NULL            -- MessagePack of model.job.Job
);

CREATE TABLE outcome (
    job     INTEGER NOT NULL,
    minion  INTEGER NOT NULL,
    state   INTEGER NOT NULL,     -- number of the state, see rows.py
    seq     INTEGER NOT NULL,
    changed INTEGER NOT NULL,     -- microseconds since 1970, as is `started`
    started INTEGER,
    retcode INTEGER,
    success INTEGER,
    size    INTEGER NOT NULL,
    note    BLOB,                 -- MessagePack list: out, reason, by[, elsewhere]; NULL when all are empty
    PRIMARY KEY (job, minion)
) WITHOUT ROWID;
CREATE INDEX outcome_open ON outcome (minion) WHERE state < 3;
CREATE INDEX outcome_end ON outcome (seq, state) WHERE state > 3;

CREATE TABLE body (
    id   INTEGER PRIMARY KEY,     -- the `seq` of its outcome
    data BLOB                     -- NULL: the file of that name in the partition's folder of bodies
);
