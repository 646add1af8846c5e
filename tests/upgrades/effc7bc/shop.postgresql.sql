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
INSERT INTO public.alembic_version VALUES ('af88683023a3');
INSERT INTO public.comments VALUES (1, 'First', 'nfsmahw49cuu49s7vkhi1yip', 'usve6krb2lx1p4vn1actdmpc', '2026-11-20 12:00:30+00');
INSERT INTO public.email_verifications VALUES ('qnc0vm53rlt7x53i2eqsjs8u', '44ef9b1b29bc600606f4a941da39bd08d96d1fcb0d4484b5b2c7beb3982cd7e4', 'usve6krb2lx1p4vn1actdmpc', 'verify_email', 'ada@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('po5rn2q8pdyxrbkwzdh8m5ze', '44bf633fe65cc94abb12a0b2d610a987363c8cd597f9c17f2ddfbd2b3561703d', 'usve6krb2lx1p4vn1actdmpc', 'not_me', 'ada@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('s18k4pem4jsjdedpftiq4cva', '39e8de945ed7c57aed9b491aa5445745adf0251dac585a6f594a711e9b41a45a', 'e6sfj6pv9rbbwwa06o4z5glv', 'verify_email', 'bob@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('q3qf93ox04vtd0uyqp96bvoj', '13627c663c37a6ef3c07ca7ebb41a17c5a07ae57670919a1fcba396154d693aa', 'e6sfj6pv9rbbwwa06o4z5glv', 'not_me', 'bob@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('m92md40r1vqfpkkc26xdeolk', 'b5831425f39c556f14076be853eb3cc631d57f9c37c3e05d7d67c1193dfe0d93', 'e6sfj6pv9rbbwwa06o4z5glv', 'reset_password', 'bob@example.com', 0, NULL, '2026-11-20 13:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.gatewright_audit_chain VALUES ('audit', '\x012c0806a1350db875c03ef2a12172e2e9f9e337dcbcd46b22ca3736ef95b0adde23ac1dbe0e0235e087685ef6c31877760df818b2ddc5ba673e3c8075b4cba51bd28eade1', 4, '\xe58ffebc931d3ae49f5c41e334085354acd514fba1ef3bab8c3ebb64d2d379cc', '\x2d5d6a62b21af1ee20de0a05aa5c71396151079ed066cabface7ff4b8fe3fb08', 0, '\x0000000000000000000000000000000000000000000000000000000000000000', '2026-11-20 12:00:30+00', '\xae20dd64fdce1cb16f4d14cc6158e96a5bfe5c8808b5e38cf789d863d23c3960', NULL, NULL);
INSERT INTO public.gatewright_audit_events VALUES ('cz7v8ix7goqk639twhza0dfo', '2026-11-20 12:00:00+00', 'session.started', 'success', 'e6sfj6pv9rbbwwa06o4z5glv', 'e6sfj6pv9rbbwwa06o4z5glv', 'pmzvkn2dcchp8cgopbbpbflh', '5d8a997814d85033c3f36095b04d6567', 'testclient', 'Old Browser', '{}', 1, '\x7e4796e112bd3a59f7c6c95624c816bc', '\xabec8e37e58c18779c047d69c68bd773c04eb5521cfb006f7d77587a3e9c4d4e', '\xcbda1e0c2ec2e1c8e7dc5d0011b019f77586f83ed2c9872314649cda57ace86a');
INSERT INTO public.gatewright_audit_events VALUES ('f1rwshih4z9zizd7w3lbugbv', '2026-11-20 12:00:00+00', 'user.registered', 'success', 'usve6krb2lx1p4vn1actdmpc', 'usve6krb2lx1p4vn1actdmpc', NULL, 'f8f24565be1ac1729cd7a9e797e0111a', 'testclient', 'Old Browser', '{}', 2, '\x9a38bbc3df2dd04dbb816c3d4737c08a', '\x5815ed5ecdabff9f62d054d561dff17e58393ce8f4f3213b022b5db23abb3b10', '\x9180ef8245e7a6bcbc769e26f3cb9485ab5e0aa03b17e9b8de8bb12d54e0dcec');
INSERT INTO public.gatewright_audit_events VALUES ('slu1w14lhmcu2rjo4ii98gc0', '2026-11-20 12:00:00+00', 'user.registered', 'success', 'e6sfj6pv9rbbwwa06o4z5glv', 'e6sfj6pv9rbbwwa06o4z5glv', NULL, '5d8a997814d85033c3f36095b04d6567', 'testclient', 'Old Browser', '{}', 3, '\x59762e31b67492389ebeab4b5d636f3d', '\xa64b02df238f0bdef64316a3df6918dfb5496befe86f328cb226543fac792a85', '\x543fabad7f52184b499cfa3c00e1fba7cd64c7ddb904775501ca84bb675bbc3b');
INSERT INTO public.gatewright_audit_events VALUES ('zf9dmshlecovoiou4muz8xk2', '2026-11-20 12:00:00+00', 'session.started', 'success', 'usve6krb2lx1p4vn1actdmpc', 'usve6krb2lx1p4vn1actdmpc', 'enzh3cy6maz0ggjgz97e30k8', 'f8f24565be1ac1729cd7a9e797e0111a', 'testclient', 'Old Browser', '{}', 4, '\x9430a12ed6d49e7202d4d9af2cfbe3d4', '\x84931f1c9f004c24f9fbf9202dadf621c2df7fdf1601480c92cf99200ce04602', '\xe58ffebc931d3ae49f5c41e334085354acd514fba1ef3bab8c3ebb64d2d379cc');
INSERT INTO public.gatewright_outbox VALUES ('iu0nawbluc7l6zzxa8hfjnu8', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 1, NULL, '2026-11-20 12:00:00+00', 'sent');
INSERT INTO public.gatewright_outbox VALUES ('abeq3o10odip39jsmtfnvr5f', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 1, NULL, '2026-11-20 12:00:00+00', 'sent');
INSERT INTO public.gatewright_outbox VALUES ('fsfu1oabo265l3pur4es26lp', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 1, NULL, '2026-11-20 12:00:00+00', 'sent');
INSERT INTO public.gatewright_outbox VALUES ('wn7vvymn45zloi2unh6w7ocj', '\x012c0806a1350db875276014074f72f57e35260bc22fdc819fadcc71724baba1bc8d38531d579ce76b8a61d784921dfd99949cd7fc0883cdd3403dbb1c402ff514cdffef19f6353eff75355a86826325d50ba97d73325e3cba5ee1b0f3518416d68595715b17eba8ad92506298', '2026-11-20 12:00:30+00', '2026-11-20 12:00:30+00', 0, NULL, NULL, NULL);
INSERT INTO public.gatewright_signing_keys VALUES ('xODKGwkIxOpPZFkyf7Z1I4L-b-W-kdmusnFEdPp-a98', 'ES256', 1, '\x012c0806a1350db87566115b8d5c8eca37147a630edf2687691712173dff5e71d3c4be1258aa5457c80d5b4c22200e815f4e5900bec0e4161ec94a1a819f4c2cc54f6a408b332ef6474800c6905f31fa12d75865a97a565437266464d5ac7114e1cd4086ac9c1452348645d0344dae47af200a9ad76c0147adcc15770678f80c895eac10388fc2e2960026633795dd69050a5d4b0808a0cadec0ef04ccc5daf5aa73d5c4e2f6c5b2f6b4b4db6063d3495aa9e9b5fed19a6c803f7c8f5b0d2b32dda5420a5fd0b8b349d008f4d318e7337821fb57b5c3d51b12baf231692cacf64fd8e90a4dd0d99bced155d6883a2a1b22599c18139a3edd389494770edff40c5ea065de8af05618222cc777e9e2b03528288371ba61bb30a41163e1de2abb9122e5e5', '2026-11-20 12:00:00+00', NULL, NULL, NULL);
INSERT INTO public.gatewright_version VALUES ('k0008');
INSERT INTO public.papers VALUES ('nfsmahw49cuu49s7vkhi1yip', 'Notes on the Analytical Engine', true, '2027-01-31', NULL, 'usve6krb2lx1p4vn1actdmpc', '2026-11-20 12:00:30+00');
INSERT INTO public.refresh_tokens VALUES ('pmzvkn2dcchp8cgopbbpbflh', 'dgOd8urkLsmcK6BkNKemcjpC_6WpHfe77vM-zAqNKqY', 'e6sfj6pv9rbbwwa06o4z5glv', 0, NULL, '2026-11-20 12:00:00+00', NULL, '2026-11-20 12:00:00+00', 'pwd', 'testclient', 'Old Browser', '2026-11-27 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.refresh_tokens VALUES ('enzh3cy6maz0ggjgz97e30k8', 'p7F1f-Z90a4yu9w-NIboess85Mlgb5Tctmt7Hy6HT7o', 'usve6krb2lx1p4vn1actdmpc', 1, '2026-11-20 12:00:30+00', '2026-11-20 12:00:30+00', NULL, '2026-11-20 12:00:00+00', 'pwd', 'testclient', 'Old Browser', '2026-11-27 12:00:30+00', '2026-11-20 12:00:00+00');
INSERT INTO public.users VALUES ('usve6krb2lx1p4vn1actdmpc', 'ada@example.com', 'ada@example.com', '$argon2id$v=19$m=7168,t=1,p=1$Iznuy+XkuszwE+NsLlmpDg$Y2LeeYuQSLadgtFJjz3NyZCV8yWp3zDqlcYIT4TkhYM', 'Ada', 'Doe', false, 'USER', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 'ACME');
INSERT INTO public.users VALUES ('e6sfj6pv9rbbwwa06o4z5glv', 'bob@example.com', 'bob@example.com', '$argon2id$v=19$m=7168,t=1,p=1$gzlIQyZxTbT416pYOf0mtQ$t5QP794rdqgLDvjbuTbOSAfG3ycSvQvwjzvEDcLdHHc', 'Bob', 'Doe', false, 'USER', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 'ACME');
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
CREATE INDEX ix_gatewright_login_challenges_expires_at ON public.gatewright_login_challenges USING btree (expires_at);
CREATE INDEX ix_gatewright_login_challenges_user_id ON public.gatewright_login_challenges USING btree (user_id);
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
