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
INSERT INTO public.email_verifications VALUES ('dkgwzzozt7g93khoc4o1y09j', '9241a3b52831992a50c85a57ffa0aad08ff23175de3136e4d5acafa2ba620487', 'f2zd4fitvnxz0dmz5wyl2jvf', 'verify_email', 'ada@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('mfms50qcur13l0syu1lkx8uo', 'b69df13048f4227d8a03526652278ffa6c3edde9b50776a41a0bf45de45707bc', 'f2zd4fitvnxz0dmz5wyl2jvf', 'not_me', 'ada@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('n0chjzhk21cxudo9spuiphv4', 'd306ce4befb41f9ce7ceccc1d7313e1d5743906ab654cf4c9e3ac3e8b3ac3890', 'm1lij143xiycrw37v5jb5tq7', 'verify_email', 'bob@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('uehq6qpd2lkwx7e4r07vlyrs', '70ff163f2484beca524d4e31d1a50aab44a0cf670f96257ff07db58c9f3cdb32', 'm1lij143xiycrw37v5jb5tq7', 'not_me', 'bob@example.com', 0, NULL, '2026-11-21 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.email_verifications VALUES ('y4h5n0wdknot9q122hflvepu', 'db3f7eef20a7d6dee1a2c0656095d49c434ad2e35f8c8ef32a6f76d48bd4f04d', 'm1lij143xiycrw37v5jb5tq7', 'reset_password', 'bob@example.com', 0, NULL, '2026-11-20 13:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.gatewright_audit_chain VALUES ('audit', '\x012c0806a1350db875c1c7a264785748a2cf2bb3ddc0cb428fb584893f161a0b3b6238088665940db1146e8b8121e52a00f67a6fe5250675a49fe322ebfdf359cdf090aacd', 4, '\x83abd10e27b1fce4acfb20a185a9bf2260c6c936e26d24388cecbd1100c9edd5', '\x998263a2a579bf07580b0dd29238ade04f487832f25310921551c83cd9164ebc', 0, '\x0000000000000000000000000000000000000000000000000000000000000000', '2026-11-20 12:00:30+00', '\x9d935ef21a512e2d210f1d06e7b06596288ce8014676e09faef1cf02c217a7ac', NULL, NULL);
INSERT INTO public.gatewright_audit_events VALUES ('k3n568154m1v7zw7fyof5dsc', '2026-11-20 12:00:00+00', 'session.started', 'success', 'm1lij143xiycrw37v5jb5tq7', 'm1lij143xiycrw37v5jb5tq7', 'h1uz0spizjvy031fcvnyhn6x', 'a267f5df72a56913c394d32fb08156a6', 'testclient', 'Old Browser', '{}', 1, '\xc59f6ca07db54e3bdc9a4c36646f0da3', '\x590b3f53bceaec09e06df6f5641f574f64a9f56cccd9722c1ca2c16ab3191735', '\x94e52f98d0e3c10ddf194fc19c39992f77dd15f6163baf764407b8c97a53218c');
INSERT INTO public.gatewright_audit_events VALUES ('o5frpa37iau2gmh63bf85qyo', '2026-11-20 12:00:00+00', 'user.registered', 'success', 'm1lij143xiycrw37v5jb5tq7', 'm1lij143xiycrw37v5jb5tq7', NULL, 'a267f5df72a56913c394d32fb08156a6', 'testclient', 'Old Browser', '{}', 2, '\x196be2a6113fd5239f90d49950f208c1', '\x785373267bd65dcd4cc2fd0aea82ee45e9b46c0cfc8614f08f48bd9e18c24c80', '\xdffb39b9ecd0ddf73f2cf5144550c9db05c5e03d41703b1a280449939b3d91c4');
INSERT INTO public.gatewright_audit_events VALUES ('s5stge7lf7beuby62zebw8xz', '2026-11-20 12:00:00+00', 'session.started', 'success', 'f2zd4fitvnxz0dmz5wyl2jvf', 'f2zd4fitvnxz0dmz5wyl2jvf', 'yhnx9weu7lreky1bq0agerj6', 'ebf53cec0c58a4fa47671d84aaef6590', 'testclient', 'Old Browser', '{}', 3, '\x50815cee0152a973faffa358efdfc1cb', '\x9a635d6b8cc18c9d076fe43190b466df5a9f931b3e344d7c38e7624df80e5635', '\x15c16ca9ba8512c738530090f4e701d54ecca93f1e766de33a3487eb9c5c8803');
INSERT INTO public.gatewright_audit_events VALUES ('zquen4c0xy4yo07q7qnmov5c', '2026-11-20 12:00:00+00', 'user.registered', 'success', 'f2zd4fitvnxz0dmz5wyl2jvf', 'f2zd4fitvnxz0dmz5wyl2jvf', NULL, 'ebf53cec0c58a4fa47671d84aaef6590', 'testclient', 'Old Browser', '{}', 4, '\x7db9ca68472aab8b8ae0af51cb7b0f85', '\x191fa9189365346be3c1a5c9084b1b10e3c66cd95fa5e82e7ad305d33c64bf3e', '\x83abd10e27b1fce4acfb20a185a9bf2260c6c936e26d24388cecbd1100c9edd5');
INSERT INTO public.gatewright_design_version VALUES ('d0001');
INSERT INTO public.gatewright_outbox VALUES ('wywc3hjh8v3fbu40zhz08r6a', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 1, NULL, '2026-11-20 12:00:00+00', 'sent');
INSERT INTO public.gatewright_outbox VALUES ('jmgf9pzy8y0imit7il3y33h6', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 1, NULL, '2026-11-20 12:00:00+00', 'sent');
INSERT INTO public.gatewright_outbox VALUES ('bcrldc3uf9v6lbxkyk8xp6p8', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 1, NULL, '2026-11-20 12:00:00+00', 'sent');
INSERT INTO public.gatewright_outbox VALUES ('ftulaq45d33xsml24602txh7', '\x012c0806a1350db875f1bb1afe865193af1143805132a0d4cc1108afd2592e6a46f927c8517162c13bf3a0df1dc885d972dbe8e257432776e191b6970cfc619492a627e06118adfadc8797f1fb811190626ebfcc551b8f94f2cb0f65cda13865e9dbd3650b1fc65d4dbc30b9ca', '2026-11-20 12:00:30+00', '2026-11-20 12:00:30+00', 0, NULL, NULL, NULL);
INSERT INTO public.gatewright_signing_keys VALUES ('Ou7fl-QS5Jmi3T5Gkde8o9lIILQgW_nKwMByhHn6m-M', 'ES256', 1, '\x012c0806a1350db8752deac3f5b183e06dc540694d633a4273d52cef429ea4230de1d5fa8ae7449b63ed105ecc7da7a8b544ec2991e50b51a86c13236c141459d499ffede0207e9ad0fe1a35ef5b84e6418a60b1535a270951e8d939e07cc86e0678f9330b755245b8fc01123b113c0063f2cc5c48b5a9c2d11452c515efaed7c3f48e935c848d5a34c6e20b622210144b35232762dcfb7bd7064a884696445b378e892bb8d65a505314d22f016cfa437342c875436c6bbbc6b119e3b0da7e6f871716cd89abad78714d180b6ff1504f434aca50ef41d11ba05eaa2abefec9062d813eddb2b4380ae06e54217e0571e336660f7756ffb4d00af774bb0ab36391a22ee271c6805769ec1f12eab091e996df826dcbf578ed11249ac4c687c11d0b5c8222', '2026-11-20 12:00:00+00', NULL, NULL, NULL);
INSERT INTO public.gatewright_version VALUES ('k0005');
INSERT INTO public.refresh_tokens VALUES ('h1uz0spizjvy031fcvnyhn6x', 'ofYYZF43uAQR-oSWRIq1-ed7cL6RomYUkG1I6WsHYh4', 'm1lij143xiycrw37v5jb5tq7', 0, NULL, '2026-11-20 12:00:00+00', NULL, '2026-11-20 12:00:00+00', 'pwd', 'testclient', 'Old Browser', '2026-11-27 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.refresh_tokens VALUES ('yhnx9weu7lreky1bq0agerj6', 'KfXWYFtyWTNA3hAP5tDgMxrjOcy7d7sfGuESUkuzjeY', 'f2zd4fitvnxz0dmz5wyl2jvf', 1, '2026-11-20 12:00:30+00', '2026-11-20 12:00:30+00', NULL, '2026-11-20 12:00:00+00', 'pwd', 'testclient', 'Old Browser', '2026-11-27 12:00:30+00', '2026-11-20 12:00:00+00');
INSERT INTO public.users VALUES ('f2zd4fitvnxz0dmz5wyl2jvf', 'ada@example.com', 'ada@example.com', '$argon2id$v=19$m=7168,t=1,p=1$J4YX0wCL9JdbHivLGEKelw$xsTY9YtK5SZE8vxtDi1shrUAbtfUl+nsH3g99RbloWU', 'Ada', 'Doe', false, 'USER', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO public.users VALUES ('m1lij143xiycrw37v5jb5tq7', 'bob@example.com', 'bob@example.com', '$argon2id$v=19$m=7168,t=1,p=1$EWU5Dddmlq2IHKU9Q0Ogbw$AmSqTGf0beQ6G40f0G57Npc4oF7EapbgGTpTLomDqcU', 'Bob', 'Doe', false, 'USER', NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00');
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
