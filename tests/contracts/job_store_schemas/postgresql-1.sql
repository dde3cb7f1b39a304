CREATE TABLE public.saltern_body (
    id bigint NOT NULL,
    part integer NOT NULL,
    data bytea NOT NULL
);
CREATE TABLE public.saltern_job (
    id bigint NOT NULL,
    jid text NOT NULL COLLATE pg_catalog."C",
    created double precision NOT NULL,
    fun text NOT NULL,
    tgt text NOT NULL,
    usr text NOT NULL,
    tagged smallint NOT NULL,
    bytes bigint NOT NULL,
    data bytea NOT NULL,
    queued integer NOT NULL,
    sent integer NOT NULL,
    running integer NOT NULL,
    returned integer NOT NULL,
    failed integer NOT NULL,
    expired integer NOT NULL,
    lost integer NOT NULL,
    refused integer NOT NULL,
    cancelled integer NOT NULL,
    timed_out integer NOT NULL
);
CREATE TABLE public.saltern_meta (
    version integer NOT NULL,
    seq bigint NOT NULL,
    last_job bigint NOT NULL,
    last_minion integer NOT NULL,
    jobs bigint NOT NULL,
    bytes bigint NOT NULL
);
CREATE TABLE public.saltern_minion (
    id integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.saltern_outcome (
    job bigint NOT NULL,
    minion integer NOT NULL,
    state smallint NOT NULL,
    seq bigint NOT NULL,
    changed bigint NOT NULL,
    started bigint,
    retcode bigint,
    success boolean,
    size bigint NOT NULL,
    note bytea,
    body bigint
)
WITH (fillfactor='90');
CREATE TABLE public.saltern_upload (
    id bigint NOT NULL,
    begun double precision NOT NULL
);
CREATE TABLE public.saltern_writer (
    id text NOT NULL,
    batch bigint NOT NULL,
    seen double precision NOT NULL
);
INSERT INTO public.saltern_body VALUES (3, 0, '\xa36f6c64');
INSERT INTO public.saltern_job VALUES (1, '20260921143320000000', 1790000000, 'test.ping', '*', 'root', 0, 398, '\xde0011a36a6964b43230323630393231313433333230303030303030a366756ea9746573742e70696e67a361726790a3746774a12aa87467745f74797065a4676c6f62a964656c696d69746572a13aa475736572a4726f6f74a763726561746564cb41daac4ee0000000a3726574a0aa7265745f636f6e666967a0aa7265745f6b776172677380a86d65746164617461c0a66b776172677380a76d697373696e6790ad64656c697665725f756e74696cc0a774696d656f7574c0a66d6173746572a0', 1, 0, 0, 1, 0, 0, 0, 0, 0, 0);
INSERT INTO public.saltern_meta VALUES (1, 3, 1, 2, 1, 398);
INSERT INTO public.saltern_minion VALUES (1, 'm1');
INSERT INTO public.saltern_minion VALUES (2, 'm2');
INSERT INTO public.saltern_outcome VALUES (1, 2, 0, 2, 1790000000000000, NULL, NULL, NULL, 0, NULL, NULL);
INSERT INTO public.saltern_outcome VALUES (1, 1, 3, 3, 1790000001000000, NULL, 0, true, 4, NULL, 3);
INSERT INTO public.saltern_writer VALUES ('c029db9bf3e43e19d2e26ced6bb4b4c5', 2, 1795747677.7719133);
ALTER TABLE ONLY public.saltern_body
    ADD CONSTRAINT saltern_body_pkey PRIMARY KEY (id, part);
ALTER TABLE ONLY public.saltern_job
    ADD CONSTRAINT saltern_job_jid_key UNIQUE (jid);
ALTER TABLE ONLY public.saltern_job
    ADD CONSTRAINT saltern_job_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.saltern_minion
    ADD CONSTRAINT saltern_minion_name_key UNIQUE (name);
ALTER TABLE ONLY public.saltern_minion
    ADD CONSTRAINT saltern_minion_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.saltern_outcome
    ADD CONSTRAINT saltern_outcome_pkey PRIMARY KEY (job, minion);
ALTER TABLE ONLY public.saltern_upload
    ADD CONSTRAINT saltern_upload_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.saltern_writer
    ADD CONSTRAINT saltern_writer_pkey PRIMARY KEY (id);
CREATE INDEX saltern_job_created ON public.saltern_job USING btree (created, jid);
CREATE INDEX saltern_outcome_end ON public.saltern_outcome USING btree (seq) WHERE (state > 3);
CREATE INDEX saltern_outcome_minion ON public.saltern_outcome USING btree (minion, job);
CREATE INDEX saltern_outcome_open ON public.saltern_outcome USING btree (minion) WHERE (state < 3);
