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
INSERT INTO public.email_verifications VALUES ('lytbatddbf1o3tie83q0ctic', '3d7a436133a41b3f564c5380af5e82c712cd81cb782243b1d1b17691e6248f8b', 'url6bw9oimsklmvz5ptyxkcc', 'verify_email', 'ada@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('vcti4dvsvju0sjfrffbmt95k', 'd068ef8e1bb9a3a0e90b5e482a22609633aca84f1aa73efa622e57884cb31d16', 'url6bw9oimsklmvz5ptyxkcc', 'not_me', 'ada@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('jhfa1csrf4xw8tw3c6v199ks', '09f3a516aa05cd51b4448b4a02b67a4aa2cb29f649690559e5e5c40dfa828fd1', 'q7lrcgcta4s8f4x7g765orz4', 'verify_email', 'bob@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('ehjhgmmhjnw7tt7cqk936xz6', '991dae9733466fa6f2470d0e5fe0efcd48980a9df4d9e1b10cba181ad0d85ac5', 'q7lrcgcta4s8f4x7g765orz4', 'not_me', 'bob@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('zf7m7hooou9bm3901phm5zig', 'bde1916563a128dd3494887f1f404f85312905497f5b0613a7cc53a980563b18', 'q7lrcgcta4s8f4x7g765orz4', 'reset_password', 'bob@example.com', 0, NULL, '2026-11-20 13:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.gatewright_audit_chain VALUES ('audit', '\x012c0806a1350db87586cb6e618d9a3e2c191f36ea997c39c95bfb9f278abaa351cfd4a3f017b05c31deeeca42141993b4fd17706b9c4d64cab9f58c2e005bad4e95b7a069', 4, '\xfddbf515ecfd1d77749b87a7ab2ef0863e4bea79a73ff98e6ce4ad78b26de18e', '\xa27b6a9865327eb43f7e4961dd538a9d555f6628a128a9f38ddafe2de2ba270f', 0, '\x0000000000000000000000000000000000000000000000000000000000000000', '2026-11-20 12:00:00+00', '\x8eff2296783bc37b465faa76e7cf723b2be8ee589f262af41d8e00cc9cc8144b', NULL, NULL);
INSERT INTO public.gatewright_audit_events VALUES ('ab72ip0owiuvvg1bz6zsskqs', '2026-11-20 12:00:00+00', 'user.registered', 'success', 'url6bw9oimsklmvz5ptyxkcc', 'url6bw9oimsklmvz5ptyxkcc', NULL, '95bf20dd0db1f1ed785be01883d8f680', 'testclient', 'Old Browser', '{}', 1, '\x493fd99042d9586adccb1df0263c426b', '\x733def8aeffdbb2c57a39f8f2d449e08142d6d42b6239bade6174e63dd2cb602', '\xb8c54e5765d093f3c8df6010d2ab9045d73cc19a706beba9679df85d3d5ab400');
INSERT INTO public.gatewright_audit_events VALUES ('g30np3d1x06mfsevb4zyzy0i', '2026-11-20 12:00:00+00', 'session.started', 'success', 'url6bw9oimsklmvz5ptyxkcc', 'url6bw9oimsklmvz5ptyxkcc', 'coucth7xf6dldxeqmvnshj3v', '95bf20dd0db1f1ed785be01883d8f680', 'testclient', 'Old Browser', '{}', 2, '\x3830722cad17106881e3dbc88fc4025e', '\x77b50cbca18551f42122f70e7257271eefec9a137376943b22f221bb5bce1c8d', '\xf0cbe96338711817475423c14b09368eff0b6c63c7f6ba9375b879dcd3a658de');
INSERT INTO public.gatewright_audit_events VALUES ('kd06qls3tcr6nigx99vh027i', '2026-11-20 12:00:00+00', 'user.registered', 'success', 'q7lrcgcta4s8f4x7g765orz4', 'q7lrcgcta4s8f4x7g765orz4', NULL, '407f22281ca3be42be445df73cd86325', 'testclient', 'Old Browser', '{}', 3, '\x4a2790b3b4afc621aa0cce4e73429922', '\xe0d7d4a677c323d6707b212118507744c291e06b7d0ca4e7f5e6af7cb3b2863e', '\xeb7922ed36d8a479ba8327ed7d1660f379227e12f816cd9a22a514dca087a3df');
INSERT INTO public.gatewright_audit_events VALUES ('vwu8ytc8k1l543i9wsqeizdd', '2026-11-20 12:00:00+00', 'session.started', 'success', 'q7lrcgcta4s8f4x7g765orz4', 'q7lrcgcta4s8f4x7g765orz4', 'ofgf4uicoczwe98crnztik8e', '407f22281ca3be42be445df73cd86325', 'testclient', 'Old Browser', '{}', 4, '\xefc749cf19b6dca1158dc92755303d04', '\x544cbfcf0f724b1f05016e81288f646b21fa3ee72d0bc0153d55d42efd39e98e', '\xfddbf515ecfd1d77749b87a7ab2ef0863e4bea79a73ff98e6ce4ad78b26de18e');
INSERT INTO public.gatewright_design_version VALUES ('d0001');
INSERT INTO public.gatewright_outbox VALUES ('k9ojnewi9xaizj4psdetsxw2', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 1, NULL, '2026-11-20 12:00:00+00', 'sent');
INSERT INTO public.gatewright_outbox VALUES ('wob2x4diim64rwi1kjulnryh', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 1, NULL, '2026-11-20 12:00:00+00', 'sent');
INSERT INTO public.gatewright_outbox VALUES ('ez1fwwy8j7ko0h5qtc8be98i', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 1, NULL, '2026-11-20 12:00:00+00', 'sent');
INSERT INTO public.gatewright_outbox VALUES ('kpspb7mazzr618cp7bgp6s7t', '\x012c0806a1350db8753e37d7c4b970ddb47433fec4a06bb5fa9c21ffde5bfbffc434124b2feb2e6e738280ce94ade3d7dbd640e8a4dde884fb97bc9650653425ba5da1c09cca80b2938de2f45379cab1220c88fbbb294cc88ca3ae8c702124b34db8a55894015c81eca492d335', '2026-11-20 12:00:30+00', '2026-11-20 12:00:30+00', 0, NULL, NULL, NULL);
INSERT INTO public.gatewright_signing_keys VALUES ('__-SvwyP4wvzUOXyAU8jReu-frAWzXwFKRm1MLEVX3A', 'ES256', 1, '\x012c0806a1350db875870b9297c75434e9798b16e01b60a03c87de2b38bb819fc2597e1abaae001eeeb393d3b373933489a4cdbe0cc7ecf2dfd00e0969bb543ba6c59c1caae732d56aeac319947754e7fb9e7097efa73977454ac5eb185e8292dcc8b36370d254aaa4cd0e3b2ef794ae735450418167afdc7c2c2d32a9742495819504cbe7ffdb0450f1c93bac6488bd1c9a88826e34c76f2cc0f95cf0356bec6dbbbe41bc57692f25a66ee177ff7afc564f571833ad9546aebb7c8a00045d1e3dc2c1d22850968b06ad35612d071fadcd59a67b32ecdd6b80a1e739d8d336c493a925b98b29c93666c9b7c14f544703d8e2bdc3c3f3b35991dbb8b6430ba34f0073aec461a099f380153675f36c782f15fbe2c45f490051a7d4576eca57eba660d14d', '2026-11-20 12:00:00+00', NULL, NULL, NULL);
INSERT INTO public.gatewright_version VALUES ('k0007');
INSERT INTO public.refresh_tokens VALUES ('ofgf4uicoczwe98crnztik8e', 'UmKDKbQmPFDe6pmm2aydcn6Dg-CSq-SkmfTtUVz488k', 'q7lrcgcta4s8f4x7g765orz4', 0, NULL, '2026-11-20 12:00:00+00', NULL, '2026-11-20 12:00:00+00', 'pwd', 'testclient', 'Old Browser', '2026-11-27 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.refresh_tokens VALUES ('coucth7xf6dldxeqmvnshj3v', 'ly4i9Gnj7ky6yaTr9dq66xfBi24qZMCkg95E8vuJkzQ', 'url6bw9oimsklmvz5ptyxkcc', 1, '2026-11-20 12:00:30+00', '2026-11-20 12:00:30+00', NULL, '2026-11-20 12:00:00+00', 'pwd', 'testclient', 'Old Browser', '2026-11-27 12:00:30+00', '2026-11-20 12:00:00+00');
INSERT INTO public.users VALUES ('url6bw9oimsklmvz5ptyxkcc', 'ada@example.com', 'ada@example.com', '$argon2id$v=19$m=7168,t=1,p=1$PwIZCd6TmALePgarjoEgSw$pelM1P9ZDuJNmZJDPQW9a0zapbAjrSWB+jouCJXAvsk', 'Ada', 'Doe', false, 'USER', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.users VALUES ('q7lrcgcta4s8f4x7g765orz4', 'bob@example.com', 'bob@example.com', '$argon2id$v=19$m=7168,t=1,p=1$Fgg5WveajFcxA4MyXq+B3Q$tscI4zPfNmiTNNeuoMKqPYwMp/997f7f/jTEysLnWnE', 'Bob', 'Doe', false, 'USER', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00');
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
CREATE INDEX ix_gatewright_outbox_done_at ON public.gatewright_outbox USING btree (done_at, due_at);
CREATE INDEX ix_gatewright_revocations_expires_at ON public.gatewright_revocations USING btree (expires_at);
CREATE INDEX ix_gatewright_revocations_recorded_at ON public.gatewright_revocations USING btree (recorded_at);
CREATE INDEX ix_refresh_tokens_created_at ON public.refresh_tokens USING btree (created_at);
CREATE INDEX ix_refresh_tokens_user_id ON public.refresh_tokens USING btree (user_id);
ALTER TABLE ONLY public.email_verifications
    ADD CONSTRAINT fk_email_verifications_user_id FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT fk_refresh_tokens_user_id FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
