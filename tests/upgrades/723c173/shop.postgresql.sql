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
INSERT INTO public.alembic_version VALUES ('580d2aa98eda');
INSERT INTO public.comments VALUES (1, 'First', 'u9n1dko2axt99qx751b0kde1', 'p5kubj0ve3xg1ojekz59yhn6', '2026-11-20 12:00:30+00');
INSERT INTO public.comments VALUES (2, 'Mine', 'u9n1dko2axt99qx751b0kde1', 'mzkl9qy5lxc9m73neme3nrc5', '2026-11-20 12:00:30+00');
INSERT INTO public.email_verifications VALUES ('jozhhzul2xxl0kwfdrmis6ye', 'e2fc7a42cecc0e8c6f822f244c46b0a2c29aba98ac18e7215875bdfc837a39b9', 'p5kubj0ve3xg1ojekz59yhn6', 'verify_email', 'ada@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('h4przulav88ktsr3atvocs2f', '3af56d1c3a817ebb9b5aaa64fadd8520f2c28c09e330efc3e86250c8916fb23a', 'p5kubj0ve3xg1ojekz59yhn6', 'not_me', 'ada@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('q875hfc0hvkx2p9mqtsdw80o', '297506e2513c3e37ba6adcd98d740d09eac02ed08a6943de7c4b7fdb1bc432a1', 'mzkl9qy5lxc9m73neme3nrc5', 'verify_email', 'bob@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('bc6b31w2fbuzc6nblhx0hohn', '5b9c353109e3543fc5a42deabe1f0810818f611fcab63bbb18d7b7e69de90e5c', 'mzkl9qy5lxc9m73neme3nrc5', 'not_me', 'bob@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('k9tsr3gkpc4pdejbumb6tp8l', '9d71e6b9e28bfa2a24ada3e67b04dcd1a0b549a805cfca828ab86c91645301dc', 'mzkl9qy5lxc9m73neme3nrc5', 'reset_password', 'bob@example.com', 0, NULL, '2026-11-20 13:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.gatewright_audit_chain VALUES ('audit', '\x012c0806a1350db87527b5c479f2df58db0f736e15f0d35be4845594559e42940fcf8d724d7b62659e904627c8a47b92cdedd19d821adb4c792c8657f487e0a19b03b90ccf', 4, '\x290239d2476c0adfed73beb69fc96a04c4400313347e73b9fd4f9e2168fc81e9', '\xeb6073e20ba1b3c900b2d4b011ed9cea51de21874f2973e6f0b115a2c4dfb391', 0, '\x0000000000000000000000000000000000000000000000000000000000000000', '2026-11-20 12:00:30+00', '\x60dbbd420fe20414b6f523c714f4e0e52ed8ed2f9f07deab8beaf9479762a9ef', NULL, NULL);
INSERT INTO public.gatewright_audit_events VALUES ('eobw6ok3vnlah6vebthunku1', '2026-11-20 12:00:00+00', 'user.registered', 'success', 'p5kubj0ve3xg1ojekz59yhn6', 'p5kubj0ve3xg1ojekz59yhn6', NULL, '99df657c68e3e4a3f751b79e202cdfb3', 'testclient', 'Old Browser', '{}', 1, '\xb34a21198e33358febd17485a2cd4de9', '\xeaf5d0f4286b5e245290576bf36fd8dd6f54c63641d42dd237f79d11e5a93a25', '\xf334693ff8646bcb4f134d2145f25b47d2ac8aee2b8a5b303c415e47dc2f9895');
INSERT INTO public.gatewright_audit_events VALUES ('ivqtco8afpmv33wkex5vla6k', '2026-11-20 12:00:00+00', 'user.registered', 'success', 'mzkl9qy5lxc9m73neme3nrc5', 'mzkl9qy5lxc9m73neme3nrc5', NULL, 'd7bba44f629a21d076e3ad3ec5474c36', 'testclient', 'Old Browser', '{}', 2, '\x0e0d75a9b4f9cbe115e8fafeaf21761f', '\xfc3490264f5505262bcb77da09ecfc39372526ec690eacb0b4adf4927f7f9e57', '\xf5e8ca0388412b89da0b98b149dfc8534f43b0e2186d267b0ab3d17daa39fd3d');
INSERT INTO public.gatewright_audit_events VALUES ('twganilqn4fuhbg49y84j2rq', '2026-11-20 12:00:00+00', 'session.started', 'success', 'mzkl9qy5lxc9m73neme3nrc5', 'mzkl9qy5lxc9m73neme3nrc5', 'nx01oxk3s4grjc2p1q9eemof', 'd7bba44f629a21d076e3ad3ec5474c36', 'testclient', 'Old Browser', '{}', 3, '\x493f00130e5ddfde35d7f8051de31a6a', '\x4be0d6758d94f0544fa3c93ea53fb77aaf17f4518605b5077713f3781513f6fa', '\xcfd40a2ff06d04260c6dd0d455a634b65e46393e1bc4ff5e4a470234fbc4a920');
INSERT INTO public.gatewright_audit_events VALUES ('x6qwrbaeslqofvm2sfra9ado', '2026-11-20 12:00:00+00', 'session.started', 'success', 'p5kubj0ve3xg1ojekz59yhn6', 'p5kubj0ve3xg1ojekz59yhn6', 'qiw27txi223my7yvicua7ani', '99df657c68e3e4a3f751b79e202cdfb3', 'testclient', 'Old Browser', '{}', 4, '\x82213e560ad0b9837b70c8b643a9ddd0', '\x33628c3d884b3e130c498db54723858884924b04d4c9c40b41ca290fb62efc2e', '\x290239d2476c0adfed73beb69fc96a04c4400313347e73b9fd4f9e2168fc81e9');
INSERT INTO public.gatewright_outbox VALUES ('ajwflrc6gb8amjndidq74pt8', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 1, NULL, '2026-11-20 12:00:00+00', 'sent');
INSERT INTO public.gatewright_outbox VALUES ('sd98c4hl013ft73lgp5l2cp5', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 1, NULL, '2026-11-20 12:00:00+00', 'sent');
INSERT INTO public.gatewright_outbox VALUES ('qxvcqymguk4uojq83h7yw1uc', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 1, NULL, '2026-11-20 12:00:00+00', 'sent');
INSERT INTO public.gatewright_outbox VALUES ('qaq4qaqyxpffovustp4bbm3w', '\x012c0806a1350db87583c175f9226d4ca6d096e5847d306a08adf1df276a297291bad73ce1a4cdc27e704ef96f19e9287af54cdf978c210a3ab28779a6b1a873041e6bf66c3704d51a9bc69eba3707db7d2153aa9b96ba448d1ec90f37c9e5558f0e76b6c53e2ce5728a882eb8', '2026-11-20 12:00:30+00', '2026-11-20 12:00:30+00', 0, NULL, NULL, NULL);
INSERT INTO public.gatewright_signing_keys VALUES ('tE38pw49h6MfaFUkdqSLWZIoQvER_aepgrDvPtbxa2E', 'ES256', 1, '\x012c0806a1350db875606897f31142d33402991fbf8905ef86acdbcf55d58758a9bf67c9c36284f7a531a72410732047c9bb446e4daf59677d389ef19489118fa8f31bfd1f665840627f77d5c69f25d3b97a26aac1e310389f18af1dff3a600da01a8207e93b36490a0d2b6e9e043abe1f77e478a264d72430734ad25467dd0d9837d696115875787ba0c095d521e8f2116507793893e07a08f91d8cf282376b1d59df934c5555efeedb4cb4fe316bdeb4523ad9e7a4f5a8f667016e6298439c9a1efcd0eefc8fa5f8c9fc620015365895df6fd54fe1d681978a329c2d32b97259165f10d0da1570a45dff3aea1b78c2b26643c5be446a5d3265113e78659c6deff3fcacea1fb3a9bb627aea69adefe91a639a72b453be08e97a4249085ead9dce2f2e', '2026-11-20 12:00:00+00', NULL, NULL, NULL);
INSERT INTO public.gatewright_version VALUES ('k0005');
INSERT INTO public.papers VALUES ('u9n1dko2axt99qx751b0kde1', 'Notes on the Analytical Engine', true, '2027-01-31', NULL, 'p5kubj0ve3xg1ojekz59yhn6', '2026-11-20 12:00:30+00');
INSERT INTO public.refresh_tokens VALUES ('nx01oxk3s4grjc2p1q9eemof', 'qfZO2LJyx_3vd__0gJqbWe9rooRIMNjs3FymXRMbByM', 'mzkl9qy5lxc9m73neme3nrc5', 0, NULL, '2026-11-20 12:00:00+00', NULL, '2026-11-20 12:00:00+00', 'pwd', 'testclient', 'Old Browser', '2026-11-27 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.refresh_tokens VALUES ('qiw27txi223my7yvicua7ani', '-_wmggnwOTz8JfFX01cnSmleGsy7eM1HDO8nyKnWGys', 'p5kubj0ve3xg1ojekz59yhn6', 1, '2026-11-20 12:00:30+00', '2026-11-20 12:00:30+00', NULL, '2026-11-20 12:00:00+00', 'pwd', 'testclient', 'Old Browser', '2026-11-27 12:00:30+00', '2026-11-20 12:00:00+00');
INSERT INTO public.users VALUES ('p5kubj0ve3xg1ojekz59yhn6', 'ada@example.com', 'ada@example.com', '$argon2id$v=19$m=7168,t=1,p=1$gsgls8awOgDLDwz6sPwUOg$VtFtqxzEGCY91j5ap0OM8xNEAJJ9FLR1Ev1UTazC7UQ', 'Ada', 'Doe', false, 'USER', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 'ACME');
INSERT INTO public.users VALUES ('mzkl9qy5lxc9m73neme3nrc5', 'bob@example.com', 'bob@example.com', '$argon2id$v=19$m=7168,t=1,p=1$1sLUMBW55bJjb/kHpA43Ig$97cflQUW2kiKb5S78G4cwAR/55ZaoqC3DH4n1rWvtcM', 'Bob', 'Doe', false, 'USER', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 'ACME');
SELECT pg_catalog.setval('public.comments_id_seq', 2, true);
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
