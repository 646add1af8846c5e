SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.email_verifications (
    id character varying NOT NULL,
    token character varying NOT NULL,
    user_id character varying,
    purpose character varying NOT NULL,
    email character varying NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    used_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.gatewright_audit_chain (
    id character varying(16) NOT NULL,
    sealed bytea NOT NULL,
    number bigint NOT NULL,
    link bytea NOT NULL,
    signature bytea NOT NULL,
    pruned_number bigint NOT NULL,
    pruned_link bytea NOT NULL,
    pruned_at timestamp with time zone NOT NULL,
    pruned_signature bytea NOT NULL,
    holder character varying(32),
    held_until timestamp with time zone
);
CREATE TABLE public.gatewright_audit_events (
    id character varying(32) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    event character varying(64) NOT NULL,
    outcome character varying(16) NOT NULL,
    actor_id character varying(64),
    subject_id character varying(64),
    session_id character varying(64),
    request_id character varying(128),
    ip_address character varying(64),
    user_agent character varying(512),
    details json NOT NULL,
    number bigint,
    personal_salt bytea,
    personal_hash bytea,
    link bytea
);
CREATE TABLE public.gatewright_design_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.gatewright_limits (
    id character varying(32) NOT NULL,
    busy_until bigint NOT NULL,
    tries integer NOT NULL,
    expires_at bigint NOT NULL
);
CREATE TABLE public.gatewright_login_challenges (
    token_hash character varying(64) NOT NULL,
    user_id character varying(64) NOT NULL,
    amr character varying(255) NOT NULL,
    device_id character varying(32),
    session_id character varying(64),
    in_cookies boolean NOT NULL,
    wrong_answers integer NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE public.gatewright_login_devices (
    user_id character varying(64) NOT NULL,
    epoch character varying(32),
    logins text NOT NULL,
    waiting integer NOT NULL,
    waiting_since timestamp with time zone,
    mailed_at timestamp with time zone
);
CREATE TABLE public.gatewright_outbox (
    id character varying(32) NOT NULL,
    sealed bytea,
    created_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    attempts integer NOT NULL,
    claimed_until timestamp with time zone,
    done_at timestamp with time zone,
    outcome character varying(16)
);
CREATE TABLE public.gatewright_revocations (
    id character varying(32) NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    session_id character varying(64),
    user_id character varying(64)
);
CREATE TABLE public.gatewright_signing_keys (
    kid character varying(64) NOT NULL,
    algorithm character varying(16) NOT NULL,
    number integer NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    activates_at timestamp with time zone,
    retires_at timestamp with time zone,
    sealed_at timestamp with time zone
);
CREATE TABLE public.gatewright_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.refresh_tokens (
    id character varying NOT NULL,
    token character varying NOT NULL,
    user_id character varying NOT NULL,
    generation integer DEFAULT 0 NOT NULL,
    rotated_at timestamp with time zone,
    last_used_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    auth_time timestamp with time zone NOT NULL,
    amr character varying NOT NULL,
    ip_address character varying,
    user_agent character varying,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.users (
    id character varying NOT NULL,
    email character varying NOT NULL,
    email_key character varying NOT NULL,
    password character varying,
    first_name character varying,
    last_name character varying,
    is_email_verified boolean DEFAULT false NOT NULL,
    role character varying DEFAULT 'USER'::character varying NOT NULL,
    disabled_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
);
INSERT INTO public.email_verifications VALUES ('in6ljow7ezsw3lcrhl4a7t3m', '28f380d51c435abccbb76f080b3fd81ffed4a386f4c2a0776285b0d8438c7497', 'x85hhj14i6flvhjt47uundty', 'verify_email', 'ada@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('i7a1lk3uajr9v18wyoqle9m1', '2ccdc38d4ae41b1013e8628b0d1b9f8053f22f57e2371bd64963b63603247fb5', 'doletuogrfvburs1m6u0r4o6', 'verify_email', 'bob@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('wsjjr3dt24cz5t2sepjr40x4', '2239dbc9b943d9006a147c4ed6486a2caf803db4b442eea19df827d9b4189bd1', 'x85hhj14i6flvhjt47uundty', 'not_me', 'ada@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('pa6ru3h1jmb07xioybnjjg1z', '79f2b04152afcd0b0b4af95056687fb3d071648038f24ab5a579913912fc26e3', 'doletuogrfvburs1m6u0r4o6', 'not_me', 'bob@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('nvaduhmqx2gn4xy3pi26j1oc', '619b004a82caa90dcb0fd9216f6c49a49ddbeced03dbffb8ed79827368436824', 'doletuogrfvburs1m6u0r4o6', 'reset_password', 'bob@example.com', 0, NULL, '2026-11-20 13:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.gatewright_audit_chain VALUES ('audit', '\x012c0806a1350db87570402361b6b2f7415e632467ef29d755a66c5ad22ee29557d7d7c4d55e1c4aba62a0c2ac674f4f57ab4e9cd19302d075d7ffa22cfd3b92a1aba83f45', 4, '\xe333d108072ee3a2b75db1507a9f1dd53a1c82d71461e0c6402411f9ba36c3fe', '\xc84228b12225bf6b09c38ca62def29919c903334d8c8050df774e2ea3cba0d20', 0, '\x0000000000000000000000000000000000000000000000000000000000000000', '2026-11-20 12:00:30+00', '\x94059bded2f2fe05270860d60fc6e168a75dd2a3476c641e8417c28051110482', NULL, NULL);
INSERT INTO public.gatewright_audit_events VALUES ('ljo0h0t5y9dn0pfv2g92a4aj', '2026-11-20 12:00:00+00', 'user.registered', 'success', 'doletuogrfvburs1m6u0r4o6', 'doletuogrfvburs1m6u0r4o6', NULL, '3ab9802f7383bff305cbd624c029e21e', 'testclient', 'Old Browser', '{}', 1, '\xb503a754cc4ac1761968dd9e6d413036', '\x0f4780ceb1247110de32061794193e9ccce5749c06e60cad2eacd5a17c4fbb56', '\x96bb92d194a0fd18f950ae0aa34cd3b2ddb6f66b56900e63ef328a239ff46eef');
INSERT INTO public.gatewright_audit_events VALUES ('nqpbh43jq7cig32jpxcrfbe2', '2026-11-20 12:00:00+00', 'user.registered', 'success', 'x85hhj14i6flvhjt47uundty', 'x85hhj14i6flvhjt47uundty', NULL, 'f423b519fd434db1fc129d76b07a4e4e', 'testclient', 'Old Browser', '{}', 2, '\x222895cf00f747e952c2aecee8c3314f', '\x6f3edf6cf9b987e3d1667f9729723793810f6f6ae65ed95e74e592f52effd254', '\x3a994cd078b5dca64c51942d3286f5fc821d94278d6b596ed44c99d88e98d9de');
INSERT INTO public.gatewright_audit_events VALUES ('q7sab8unexva5irzsj9ogydk', '2026-11-20 12:00:00+00', 'session.started', 'success', 'x85hhj14i6flvhjt47uundty', 'x85hhj14i6flvhjt47uundty', 'qm17r1x4y29m8bbgnovze85s', 'f423b519fd434db1fc129d76b07a4e4e', 'testclient', 'Old Browser', '{}', 3, '\x9644457d8e4316305cd5bc1acb43f1d6', '\xbc17ccc6dd1e408e5df61319e116311caa644e0c05baa807c71da269f248bc41', '\x55b9743e4de90e91ddd70c80a57b86f37f63612b1bb5684042303fa809d073e2');
INSERT INTO public.gatewright_audit_events VALUES ('su8lczg7est2qicvezxlg3rp', '2026-11-20 12:00:00+00', 'session.started', 'success', 'doletuogrfvburs1m6u0r4o6', 'doletuogrfvburs1m6u0r4o6', 'khn7ltzx19f90ks1h1uuxhmx', '3ab9802f7383bff305cbd624c029e21e', 'testclient', 'Old Browser', '{}', 4, '\x7d8aa48c9ce3e8b85dc4a531306577c4', '\x35fb7c9884a932e9cbb3071abdf1e5516c591b43b449f50c23ce6232580d60ed', '\xe333d108072ee3a2b75db1507a9f1dd53a1c82d71461e0c6402411f9ba36c3fe');
INSERT INTO public.gatewright_design_version VALUES ('d0001');
INSERT INTO public.gatewright_outbox VALUES ('dzobx1d946oa4545884glydt', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 1, NULL, '2026-11-20 12:00:00+00', 'sent');
INSERT INTO public.gatewright_outbox VALUES ('nvmu45nz5b873pwfc8c1ol0q', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 1, NULL, '2026-11-20 12:00:00+00', 'sent');
INSERT INTO public.gatewright_outbox VALUES ('ck2n52chwd6tosy47khxiycb', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 1, NULL, '2026-11-20 12:00:00+00', 'sent');
INSERT INTO public.gatewright_outbox VALUES ('be5eukwb68fk46wr1z2u222o', '\x012c0806a1350db8752515f7e15a054f3e393a127fa996e30c27a5819bf5ecf060f572e4e3ee68002d75b12a92ecb3df3d4d07856219eea17350ae5fc01277dde6c8d16a325783a96ba9f5e5317d2d0833e304426c99f9ea2c045d3ddff8a0496ca82d71688d00b2b4481a730c', '2026-11-20 12:00:30+00', '2026-11-20 12:00:30+00', 0, NULL, NULL, NULL);
INSERT INTO public.gatewright_signing_keys VALUES ('bwyH6bN90RTo_onEOhPntyRj3CCGCGaBz1PVl8rUlN4', 'ES256', 1, '\x012c0806a1350db8754f95099182c2df71896539d788813e6cff1fc41c8e6bed3e4ae10ffcf14efd743da54f883a436832d7e821848b0715b56f53583c7dd5a8657f80088dd90190ad7558ce974061ffbafcf893ac665d1dcce899453750edb5a9a90dd9a18ad562c84dfadd903099d6b23455b3853f69c1e2e7c300a5d1736ebc4dce7726279741b8c32b4cc624370bffdc4024ba7e38573dcca0da78e024716ca1e318cfc9dd3b0bb1d50b0d7ab1b4ff753d4ffa3653124360984e09c365f1e6bdb3180046d010312ac229d11b26d6be5d6a56f038900b6f8ca1b1731a06d178589fa02972c59bd43a3feb4a6910f37373740b27ded821d161b004553e4d5a40dc08cde59c1b7002db95442419e2ebcd20230d42368bfdfc43a834a627e481a93847', '2026-11-20 12:00:00+00', NULL, NULL, NULL);
INSERT INTO public.gatewright_version VALUES ('k0008');
INSERT INTO public.refresh_tokens VALUES ('khn7ltzx19f90ks1h1uuxhmx', 'xlpoj0xaKfnyD6Z6sao1cmqj3U1Anu_q6OdGW70HUe8', 'doletuogrfvburs1m6u0r4o6', 0, NULL, '2026-11-20 12:00:00+00', NULL, '2026-11-20 12:00:00+00', 'pwd', 'testclient', 'Old Browser', '2026-11-27 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.refresh_tokens VALUES ('qm17r1x4y29m8bbgnovze85s', 'Rt2AIo-DkcO5qcTLyBShtOHN6pxlOiEhv04gE2KbISY', 'x85hhj14i6flvhjt47uundty', 1, '2026-11-20 12:00:30+00', '2026-11-20 12:00:30+00', NULL, '2026-11-20 12:00:00+00', 'pwd', 'testclient', 'Old Browser', '2026-11-27 12:00:30+00', '2026-11-20 12:00:00+00');
INSERT INTO public.users VALUES ('x85hhj14i6flvhjt47uundty', 'ada@example.com', 'ada@example.com', '$argon2id$v=19$m=7168,t=1,p=1$ApnWcbKpckSUALSddnnHQA$F6j//JsI7w1h3c9qs+jEYbLaNXrcQOmJ4G6DAz2Elxk', 'Ada', 'Doe', false, 'USER', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.users VALUES ('doletuogrfvburs1m6u0r4o6', 'bob@example.com', 'bob@example.com', '$argon2id$v=19$m=7168,t=1,p=1$xo+EWKWKDbsGeiSu/7+/pA$ttNtWTuTdPm75HdbAUAJ12iaFbuoyNRWNZ5MkbfZpYw', 'Bob', 'Doe', false, 'USER', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00');
ALTER TABLE ONLY public.gatewright_design_version
    ADD CONSTRAINT gatewright_design_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.gatewright_version
    ADD CONSTRAINT gatewright_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.email_verifications
    ADD CONSTRAINT pk_email_verifications PRIMARY KEY (id);
ALTER TABLE ONLY public.gatewright_audit_chain
    ADD CONSTRAINT pk_gatewright_audit_chain PRIMARY KEY (id);
ALTER TABLE ONLY public.gatewright_audit_events
    ADD CONSTRAINT pk_gatewright_audit_events PRIMARY KEY (id);
ALTER TABLE ONLY public.gatewright_limits
    ADD CONSTRAINT pk_gatewright_limits PRIMARY KEY (id);
ALTER TABLE ONLY public.gatewright_login_challenges
    ADD CONSTRAINT pk_gatewright_login_challenges PRIMARY KEY (token_hash);
ALTER TABLE ONLY public.gatewright_login_devices
    ADD CONSTRAINT pk_gatewright_login_devices PRIMARY KEY (user_id);
ALTER TABLE ONLY public.gatewright_outbox
    ADD CONSTRAINT pk_gatewright_outbox PRIMARY KEY (id);
ALTER TABLE ONLY public.gatewright_revocations
    ADD CONSTRAINT pk_gatewright_revocations PRIMARY KEY (id);
ALTER TABLE ONLY public.gatewright_signing_keys
    ADD CONSTRAINT pk_gatewright_signing_keys PRIMARY KEY (kid);
ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT pk_refresh_tokens PRIMARY KEY (id);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT pk_users PRIMARY KEY (id);
ALTER TABLE ONLY public.email_verifications
    ADD CONSTRAINT uq_email_verifications_token UNIQUE (token);
ALTER TABLE ONLY public.gatewright_signing_keys
    ADD CONSTRAINT uq_gatewright_signing_keys_algorithm_number UNIQUE (algorithm, number);
ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT uq_refresh_tokens_token UNIQUE (token);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT uq_users_email UNIQUE (email);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT uq_users_email_key UNIQUE (email_key);
CREATE INDEX ix_email_verifications_expires_at ON public.email_verifications USING btree (expires_at);
CREATE INDEX ix_email_verifications_user_id ON public.email_verifications USING btree (user_id);
CREATE UNIQUE INDEX ix_gatewright_audit_events_number ON public.gatewright_audit_events USING btree (number);
CREATE INDEX ix_gatewright_audit_events_occurred_at ON public.gatewright_audit_events USING btree (occurred_at);
CREATE INDEX ix_gatewright_audit_events_subject_id ON public.gatewright_audit_events USING btree (subject_id, occurred_at);
CREATE INDEX ix_gatewright_audit_events_unsealed ON public.gatewright_audit_events USING btree (occurred_at, id) WHERE (number IS NULL);
CREATE INDEX ix_gatewright_limits_expires_at ON public.gatewright_limits USING btree (expires_at);
CREATE INDEX ix_gatewright_login_challenges_expires_at ON public.gatewright_login_challenges USING btree (expires_at);
CREATE INDEX ix_gatewright_login_challenges_user_id ON public.gatewright_login_challenges USING btree (user_id);
CREATE INDEX ix_gatewright_outbox_done_at ON public.gatewright_outbox USING btree (done_at, due_at);
CREATE INDEX ix_gatewright_revocations_expires_at ON public.gatewright_revocations USING btree (expires_at);
CREATE INDEX ix_gatewright_revocations_recorded_at ON public.gatewright_revocations USING btree (recorded_at);
CREATE INDEX ix_refresh_tokens_created_at ON public.refresh_tokens USING btree (created_at);
CREATE INDEX ix_refresh_tokens_user_id ON public.refresh_tokens USING btree (user_id);
ALTER TABLE ONLY public.email_verifications
    ADD CONSTRAINT fk_email_verifications_user_id FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT fk_refresh_tokens_user_id FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
