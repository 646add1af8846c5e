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
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.comments (
    id integer NOT NULL,
    text text NOT NULL,
    paper_id character varying NOT NULL,
    author_id character varying NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.comments_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.comments_id_seq OWNED BY public.comments.id;
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
CREATE TABLE public.papers (
    id character varying NOT NULL,
    title character varying(200) NOT NULL,
    is_draft boolean DEFAULT true NOT NULL,
    due_on date,
    cost_price numeric(10,2),
    owner_id character varying NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_papers_title_max_length CHECK ((length((title)::text) <= 200))
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
    updated_at timestamp with time zone NOT NULL,
    company character varying(80),
    CONSTRAINT ck_users_company_max_length CHECK ((length((company)::text) <= 80))
);
ALTER TABLE ONLY public.comments ALTER COLUMN id SET DEFAULT nextval('public.comments_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('b451eb4e1244');
INSERT INTO public.comments VALUES (1, 'First', 'jncu2s19rr6pfhd985kvgkmw', 'ztszx4m9s2r9bsq4ls4ijoyj', '2026-11-20 12:00:30+00');
INSERT INTO public.email_verifications VALUES ('zwj4171exafr6757xa2n6po2', 'e665ced76da3c7263c6f0c00a7bd720322de7723cadfaf2a0703f13a0b84222c', 'ztszx4m9s2r9bsq4ls4ijoyj', 'verify_email', 'ada@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('nqa660abzwq4f8wq1m700d5f', '0f58866c43cb6b2edb45e5c2243ac80b0daafc7f513d3753345453a54f9b8c5d', 'ztszx4m9s2r9bsq4ls4ijoyj', 'not_me', 'ada@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('ixrr5f3anw5w4ppah85j7dpb', 'a6dd6e966e35d240ba9dcebbd8519391b1127ef6cbe0c728163e4c7b11751c9e', 'p8x5b7o4meegwifc0wjix0t2', 'verify_email', 'bob@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('ulsnuj1560ivr8v5ot9af7jn', '6f8ddaf285f647e1b935a633abfe877ca8d98bebd5d47030fec81c423ed3c6ac', 'p8x5b7o4meegwifc0wjix0t2', 'not_me', 'bob@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('opp9452dw3d9upvsu9y8jf4n', '938870c10c2e8e70fe7742af96c6ddd8a407bd40d41de53ca50b5e946e9a516d', 'p8x5b7o4meegwifc0wjix0t2', 'reset_password', 'bob@example.com', 0, NULL, '2026-11-20 13:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.gatewright_audit_chain VALUES ('audit', '\x012c0806a1350db87579275ca38c2436671500153b2af0c1b09f13a335f21633a17cfb717083e0c992f7b6978533bf7aaac394f9102f910c199e5b11057d106797c23699e6', 4, '\xa3ca653af3a0e2444dd1cb44890c940cbebf6afd6ddf31a8128febb2f225d9ff', '\x5fc9710fef2a9ab7dfcbfbce1202e912cb81b28bb4fd5ec42c82ea537bc26534', 0, '\x0000000000000000000000000000000000000000000000000000000000000000', '2026-11-20 12:00:00+00', '\x9f14093400e6b86c7f5d123a7f3a47198d640d06adf96a38ae8f0ddd78993189', NULL, NULL);
INSERT INTO public.gatewright_audit_events VALUES ('uj1o5vfl9efhtahsq5grlwjy', '2026-11-20 12:00:00+00', 'user.registered', 'success', 'ztszx4m9s2r9bsq4ls4ijoyj', 'ztszx4m9s2r9bsq4ls4ijoyj', NULL, '96437764e1708ad3497552ba8b18fba2', 'testclient', 'Old Browser', '{}', 1, '\x2a4a563cd4c03502511c32d7c4f76584', '\x5792bae2eea72661c172e97abe8e4fff4b4a22584e96344fa7360571c9be3d7e', '\xcde3e026c63cf6529e93ed7dd44330f83287a6176741598a3fae0a66b3bb8167');
INSERT INTO public.gatewright_audit_events VALUES ('wwid7y67r2543to5lyqm8jqr', '2026-11-20 12:00:00+00', 'session.started', 'success', 'ztszx4m9s2r9bsq4ls4ijoyj', 'ztszx4m9s2r9bsq4ls4ijoyj', 'zbc32ebc722lil8rkmwjixba', '96437764e1708ad3497552ba8b18fba2', 'testclient', 'Old Browser', '{}', 2, '\x0932882c70c61a56fe9215d2e9d4f784', '\x0b98f65b85292fa70f24bd5e663ad236b6102c16ac420033f533f00a45117518', '\x7cf0dd14ead388446594cb6f3c79c7b6373f389ac44d4cd7e1457b408d501c03');
INSERT INTO public.gatewright_audit_events VALUES ('yloxeyc87wmo58os9cldaa6b', '2026-11-20 12:00:00+00', 'session.started', 'success', 'p8x5b7o4meegwifc0wjix0t2', 'p8x5b7o4meegwifc0wjix0t2', 'ow2i7yjv54yypu2p7ocjqa6t', '2a823ae264ef6aa702ecd0c4271eb443', 'testclient', 'Old Browser', '{}', 3, '\x89259370bdafbc7d3af94911cea1ba54', '\x96edd7c5ae5b4f279d18dd3ee23d9f6925293d028881b20a098f5bee23ad417f', '\x1964f42d7c90509b6d31585a59fc6c2bf12ee83579651d2f795c9fdfd1cdfb47');
INSERT INTO public.gatewright_audit_events VALUES ('zj9wff2dafx7skuumc51bsos', '2026-11-20 12:00:00+00', 'user.registered', 'success', 'p8x5b7o4meegwifc0wjix0t2', 'p8x5b7o4meegwifc0wjix0t2', NULL, '2a823ae264ef6aa702ecd0c4271eb443', 'testclient', 'Old Browser', '{}', 4, '\x2b0ecef432b949659bd4b0835b9422c8', '\x38cdb04b2eb4c7302e31c1f87333ede7c81ba099e3f8113d8b392fbde4230d70', '\xa3ca653af3a0e2444dd1cb44890c940cbebf6afd6ddf31a8128febb2f225d9ff');
INSERT INTO public.gatewright_outbox VALUES ('kc9trkxvyaw4296r2tosi75f', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 1, NULL, '2026-11-20 12:00:00+00', 'sent');
INSERT INTO public.gatewright_outbox VALUES ('rksxlv62qksxhf4866owpdlp', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 1, NULL, '2026-11-20 12:00:00+00', 'sent');
INSERT INTO public.gatewright_outbox VALUES ('qyvbs9rk20xtfviqyqjw64cf', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 1, NULL, '2026-11-20 12:00:00+00', 'sent');
INSERT INTO public.gatewright_outbox VALUES ('razkx0z4yjyz8x3i1fhiowax', '\x012c0806a1350db875ee437947d82889f142efa66da78e5a12ca3d8d00cef63409e9b59c2a5ecec826e817b1cef106061b063b97348bf73e676f7e3f1f31b9e79c88b650b0fb2f6c187edc4f9df4581f6957807633ba7de76d1d7d89be9871327232967398ef2e968530b39d4f', '2026-11-20 12:00:30+00', '2026-11-20 12:00:30+00', 0, NULL, NULL, NULL);
INSERT INTO public.gatewright_signing_keys VALUES ('paNi0x4KJQZs31MZDzTtCCJpkuiLIB12_dH3mIlFgUc', 'ES256', 1, '\x012c0806a1350db8756945556918e8999e143142db0f78c2da53c997f47696118133845fd88b8f8b9971027e2d5872f1c73ff1e4d3ac4b4604d9f392df9ab54b0b87d2044363067675e126191c6858b83d706472695fa391c1c5d956ac7000ec6558ba0fe3b858d39c8326f4c3713f532ab89b9bfc4759697d37b5cd59d9efa531789bb4894973774b93a35a6d1bae8d5b965ba7cb21364fea55980fa7829214feaf6d425896f12e03423539f4b7040a44b5949e4a9a19f30ab1d73e217d481cc4475f6e3d9621512dbc018f0a845ec0898055f412715d28b9953d81b256813d34d15249e5570f2d519523a5bfdc56bea30c10c28f7aed64dfae7b29bee862f2486ffd9b0324e1debd88e51262c5a1bcdd70718cfc9fabc57d1644421574ce1c76fd8c', '2026-11-20 12:00:00+00', NULL, NULL, NULL);
INSERT INTO public.gatewright_version VALUES ('k0007');
INSERT INTO public.papers VALUES ('jncu2s19rr6pfhd985kvgkmw', 'Notes on the Analytical Engine', true, '2027-01-31', NULL, 'ztszx4m9s2r9bsq4ls4ijoyj', '2026-11-20 12:00:30+00');
INSERT INTO public.refresh_tokens VALUES ('ow2i7yjv54yypu2p7ocjqa6t', 'XXxRbeMqBh6keBb2EJjvA9KDMeAtFcm2fq-vB3ovOps', 'p8x5b7o4meegwifc0wjix0t2', 0, NULL, '2026-11-20 12:00:00+00', NULL, '2026-11-20 12:00:00+00', 'pwd', 'testclient', 'Old Browser', '2026-11-27 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.refresh_tokens VALUES ('zbc32ebc722lil8rkmwjixba', 'alD-oQGh4d4E4O7345CskqV2OIqDJToOSI3wEVDUIzg', 'ztszx4m9s2r9bsq4ls4ijoyj', 1, '2026-11-20 12:00:30+00', '2026-11-20 12:00:30+00', NULL, '2026-11-20 12:00:00+00', 'pwd', 'testclient', 'Old Browser', '2026-11-27 12:00:30+00', '2026-11-20 12:00:00+00');
INSERT INTO public.users VALUES ('ztszx4m9s2r9bsq4ls4ijoyj', 'ada@example.com', 'ada@example.com', '$argon2id$v=19$m=7168,t=1,p=1$W9vlGFQLXu2Uts2EwMGAgQ$7tqM/GXE2jjZjotKD0M2VInD4eYGXhVpg0u0JKD8nmY', 'Ada', 'Doe', false, 'USER', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 'ACME');
INSERT INTO public.users VALUES ('p8x5b7o4meegwifc0wjix0t2', 'bob@example.com', 'bob@example.com', '$argon2id$v=19$m=7168,t=1,p=1$eKrhPnm++KdSSMCadkGiMQ$1uuD6/Ft7Fc5N09yB5e2VSEtXE+fVt9LK0lm7oJx2l8', 'Bob', 'Doe', false, 'USER', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 'ACME');
SELECT pg_catalog.setval('public.comments_id_seq', 1, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.gatewright_version
    ADD CONSTRAINT gatewright_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.comments
    ADD CONSTRAINT pk_comments PRIMARY KEY (id);
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
ALTER TABLE ONLY public.papers
    ADD CONSTRAINT pk_papers PRIMARY KEY (id);
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
CREATE INDEX ix_comments_author_id ON public.comments USING btree (author_id);
CREATE INDEX ix_comments_paper_id ON public.comments USING btree (paper_id);
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
CREATE INDEX ix_papers_owner_id ON public.papers USING btree (owner_id);
CREATE INDEX ix_refresh_tokens_created_at ON public.refresh_tokens USING btree (created_at);
CREATE INDEX ix_refresh_tokens_user_id ON public.refresh_tokens USING btree (user_id);
ALTER TABLE ONLY public.comments
    ADD CONSTRAINT fk_comments_author_id FOREIGN KEY (author_id) REFERENCES public.users(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.comments
    ADD CONSTRAINT fk_comments_paper_id FOREIGN KEY (paper_id) REFERENCES public.papers(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.email_verifications
    ADD CONSTRAINT fk_email_verifications_user_id FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.papers
    ADD CONSTRAINT fk_papers_owner_id FOREIGN KEY (owner_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT fk_refresh_tokens_user_id FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
