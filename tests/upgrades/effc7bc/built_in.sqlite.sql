BEGIN TRANSACTION;
CREATE TABLE "email_verifications" (
	id VARCHAR NOT NULL, 
	token VARCHAR NOT NULL, 
	user_id VARCHAR, 
	purpose VARCHAR NOT NULL, 
	email VARCHAR NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	used_at DATETIME, 
	expires_at DATETIME NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_email_verifications PRIMARY KEY (id), 
	CONSTRAINT uq_email_verifications_token UNIQUE (token), 
	CONSTRAINT fk_email_verifications_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
,
	CONSTRAINT ck_email_verifications_id_sqlite_type CHECK (typeof(id) IN ('text', 'null')),
	CONSTRAINT ck_email_verifications_token_sqlite_type CHECK (typeof(token) IN ('text', 'null')),
	CONSTRAINT ck_email_verifications_user_id_sqlite_type CHECK (typeof(user_id) IN ('text', 'null')),
	CONSTRAINT ck_email_verifications_purpose_sqlite_type CHECK (typeof(purpose) IN ('text', 'null')),
	CONSTRAINT ck_email_verifications_email_sqlite_type CHECK (typeof(email) IN ('text', 'null')),
	CONSTRAINT ck_email_verifications_attempts_sqlite_type CHECK (typeof(attempts) IN ('integer', 'null')),
	CONSTRAINT ck_email_verifications_used_at_sqlite_type CHECK (used_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'),
	CONSTRAINT ck_email_verifications_expires_at_sqlite_type CHECK (expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'),
	CONSTRAINT ck_email_verifications_created_at_sqlite_type CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*')
);
INSERT INTO "email_verifications" VALUES('d2vp68jy53uhgeis1j9txcx4','52097fc5746ee4a40afbe759ccb3f9037e9d29097540946843c5b8418d2e9172','y9ipkmm9yljsbxgjvbvqs9vt','verify_email','ada@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('w5dxmkmdigxqxed03k20u9ls','c5ead6219f3d6fed41b04f233a0a98bbc725eae7d49493b962bf132e8643e2d3','y9ipkmm9yljsbxgjvbvqs9vt','not_me','ada@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('p625j4igovgji5pif6u900ku','04ba7930de889124fc225bad46b9e6720ff78c8d2724da37b369cca26575fd57','fdxboji5wfddsh8hh1aava2j','verify_email','bob@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('ne8nja5143691bs5iad9fejv','0fde6bf5e6328c00c078272ba6c2f74cac0d6b0688fa72d385998961ef8ae5f7','fdxboji5wfddsh8hh1aava2j','not_me','bob@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('nukoyr9r26evbeusibl26adw','642638de07be33722517e5a6da887c400dd581b6df2b72c730b9ee91c6b28e74','fdxboji5wfddsh8hh1aava2j','reset_password','bob@example.com',0,NULL,'2026-11-20 13:00:00.000000','2026-11-20 12:00:00.000000');
CREATE TABLE gatewright_audit_chain (
	id VARCHAR(16) NOT NULL, 
	sealed BLOB NOT NULL, 
	number BIGINT NOT NULL, 
	link BLOB NOT NULL, 
	signature BLOB NOT NULL, 
	pruned_number BIGINT NOT NULL, 
	pruned_link BLOB NOT NULL, 
	pruned_at DATETIME NOT NULL, 
	pruned_signature BLOB NOT NULL, 
	holder VARCHAR(32), 
	held_until DATETIME, 
	CONSTRAINT pk_gatewright_audit_chain PRIMARY KEY (id)
);
INSERT INTO "gatewright_audit_chain" VALUES('audit',X'012C0806A1350DB875FAAF48F9B1419D2CB52A669F16D28CA60C7827835DE569A935AF41188A153AF927295641041C1689B80E7C3FC8AFAC0E909954B54637F36F1599067D',4,X'D6048F02DFD63B395C6378946E7441DDA4EA9A81A171B0C5D70088643DE96CED',X'F8E9DA50DACC69D5B25934918C08239F81302F29D2BE35D5DE688EF13884D63D',0,X'0000000000000000000000000000000000000000000000000000000000000000','2026-11-20 12:00:30.000000',X'6F064DB35F940FDC6FDC7935C85006FEC74CF25D4F424077992731437C85BBD7',NULL,NULL);
CREATE TABLE gatewright_audit_events (
	id VARCHAR(32) NOT NULL, 
	occurred_at DATETIME NOT NULL, 
	event VARCHAR(64) NOT NULL, 
	outcome VARCHAR(16) NOT NULL, 
	actor_id VARCHAR(64), 
	subject_id VARCHAR(64), 
	session_id VARCHAR(64), 
	request_id VARCHAR(128), 
	ip_address VARCHAR(64), 
	user_agent VARCHAR(512), 
	details JSON NOT NULL, number BIGINT, personal_salt BLOB, personal_hash BLOB, link BLOB, 
	CONSTRAINT pk_gatewright_audit_events PRIMARY KEY (id)
);
INSERT INTO "gatewright_audit_events" VALUES('tzxmzvg7h73vj19raglolmt8','2026-11-20 12:00:00.000000','user.registered','success','y9ipkmm9yljsbxgjvbvqs9vt','y9ipkmm9yljsbxgjvbvqs9vt',NULL,'2720229247819168af2a46f3b0f49c32','testclient','Old Browser','{}',3,X'C28F491A35262046FBF0D65306BE07B4',X'1379E88F633F04B71CA7225314E9D4BDA8BCE73D7C418DEFBD2AA9005C2619E3',X'2C8F0186A3951E5801362E211CCFEF51B3C73839E8FA95858F2A509AB7E75A91');
INSERT INTO "gatewright_audit_events" VALUES('kasoli03ihzkkxw3d84einuh','2026-11-20 12:00:00.000000','session.started','success','y9ipkmm9yljsbxgjvbvqs9vt','y9ipkmm9yljsbxgjvbvqs9vt','jxi4tls4zybliywm1m1g4pvp','2720229247819168af2a46f3b0f49c32','testclient','Old Browser','{}',2,X'41C51DE4767D898DC1839537C9B6E3B0',X'B27720F5B94CC6B5ABD0E482C0216392318262B439050888000B8A22DD891B07',X'9552E1EA952BABD6FA2102AAAF49CED4127DDCB03A43E53631D569DEAE5BE944');
INSERT INTO "gatewright_audit_events" VALUES('yq282dun6yyhptosfmx7hsxj','2026-11-20 12:00:00.000000','user.registered','success','fdxboji5wfddsh8hh1aava2j','fdxboji5wfddsh8hh1aava2j',NULL,'e392369b36fa64cb2d9a1e3dd1124ca8','testclient','Old Browser','{}',4,X'5FAB5834284EDCDBF920EB5F9C9AC9B9',X'D5F2AD33344B58A9CD32A57C595322A0FF0D3D562D8F9B2F9BCE8A5837C2902F',X'D6048F02DFD63B395C6378946E7441DDA4EA9A81A171B0C5D70088643DE96CED');
INSERT INTO "gatewright_audit_events" VALUES('h0aywbe1fvgqyzjm1zw8s0wx','2026-11-20 12:00:00.000000','session.started','success','fdxboji5wfddsh8hh1aava2j','fdxboji5wfddsh8hh1aava2j','vmt84zntqqhfiee22193gslx','e392369b36fa64cb2d9a1e3dd1124ca8','testclient','Old Browser','{}',1,X'90F073FE1E14EED2210A6419EF3FD0D3',X'B6043D649625B253BDB8896CB0ED56DA5B39ED0A70F3E91261645A2EE5E7E47A',X'BE886A03E6389CA2EFAD3BA5648C88AE861E03971571824EA94B2DBB22F6A15C');
CREATE TABLE gatewright_design_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT gatewright_design_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "gatewright_design_version" VALUES('d0001');
CREATE TABLE gatewright_limits (
	id VARCHAR(32) NOT NULL, 
	busy_until BIGINT NOT NULL, 
	tries INTEGER NOT NULL, 
	expires_at BIGINT NOT NULL, 
	CONSTRAINT pk_gatewright_limits PRIMARY KEY (id)
);
CREATE TABLE gatewright_login_challenges (
	token_hash VARCHAR(64) NOT NULL, 
	user_id VARCHAR(64) NOT NULL, 
	amr VARCHAR(255) NOT NULL, 
	device_id VARCHAR(32), 
	session_id VARCHAR(64), 
	in_cookies BOOLEAN NOT NULL, 
	wrong_answers INTEGER NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_gatewright_login_challenges PRIMARY KEY (token_hash)
);
CREATE TABLE gatewright_login_devices (
	user_id VARCHAR(64) NOT NULL, 
	epoch VARCHAR(32), 
	logins TEXT NOT NULL, 
	waiting INTEGER NOT NULL, 
	waiting_since DATETIME, 
	mailed_at DATETIME, 
	CONSTRAINT pk_gatewright_login_devices PRIMARY KEY (user_id)
);
CREATE TABLE gatewright_outbox (
	id VARCHAR(32) NOT NULL, 
	sealed BLOB, 
	created_at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	attempts INTEGER NOT NULL, 
	claimed_until DATETIME, 
	done_at DATETIME, 
	outcome VARCHAR(16), 
	CONSTRAINT pk_gatewright_outbox PRIMARY KEY (id)
);
INSERT INTO "gatewright_outbox" VALUES('kyrzrclm9qc1ta8rs5jjuqwk',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',1,NULL,'2026-11-20 12:00:00.000000','sent');
INSERT INTO "gatewright_outbox" VALUES('mtf5stetpprzmvvy25ca4f6w',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',1,NULL,'2026-11-20 12:00:00.000000','sent');
INSERT INTO "gatewright_outbox" VALUES('ipsvhahmsk94ez4rjfw9p6gh',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',1,NULL,'2026-11-20 12:00:00.000000','sent');
INSERT INTO "gatewright_outbox" VALUES('rwmym7ltikwj4sum9rjg7eg9',X'012C0806A1350DB8759BB17D8D97157C76165041F100C627BCBF64D04BC07B5F8E69D50681BEE5BE71FF468A1159F78E3EA4E907BEF921BEAABE185CA8CF5A1EDAAC5BFA11F39A706A3B642F40A6CE8B6AA9CA2A9E6794BF83A8B7E763D54F0A223A42C898FE6E19BB25054BB3','2026-11-20 12:00:30.000000','2026-11-20 12:00:30.000000',0,NULL,NULL,NULL);
CREATE TABLE gatewright_revocations (
	id VARCHAR(32) NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	session_id VARCHAR(64), 
	user_id VARCHAR(64), 
	CONSTRAINT pk_gatewright_revocations PRIMARY KEY (id)
);
CREATE TABLE gatewright_signing_keys (
	kid VARCHAR(64) NOT NULL, 
	algorithm VARCHAR(16) NOT NULL, 
	number INTEGER NOT NULL, 
	sealed BLOB NOT NULL, 
	created_at DATETIME NOT NULL, activates_at DATETIME, retires_at DATETIME, sealed_at DATETIME, 
	CONSTRAINT pk_gatewright_signing_keys PRIMARY KEY (kid), 
	CONSTRAINT uq_gatewright_signing_keys_algorithm_number UNIQUE (algorithm, number)
);
INSERT INTO "gatewright_signing_keys" VALUES('Yf1bNGJ3Tyuj9yPiOZWLNVnforP9tmxjR6NrfuZn5lY','ES256',1,X'012C0806A1350DB87592B3328F85E76A3C44B951C63547EE3C2551D28584146CED1E82E904287142C25BB8750D0E4DE52E77F232BB98299ACEDD950DD18AB941029AB9A406B34B10810E2EAFDB7E283142D113112AA49B75A099A8EB5C9EACE71AFA24E2559ACF23A8179E367A6A2A8B45ADE6CBF35884B8F9692318F9A5C37DBAECAA02EB4A9411217E69F73D3048FDB4B0FAB1F437575CD34531653191358CF388E91D65BC4DDD8709DF13E91D3045A4C4E33F39CD7D07A8794C7A9F7188CBFD28036DEB620A4144252CF8F2F10B2025C23307119B271D7EF1A21FCDB4267AE9B88BCEB78DA694026DE72369A242542611E3EF7B01AA5F0B2CA621CCD1378D4764AC378985F383F55C8D896631EB0E418DC43B0899841F2460FAE024983564ADA0E3','2026-11-20 12:00:00.000000',NULL,NULL,NULL);
CREATE TABLE gatewright_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT gatewright_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "gatewright_version" VALUES('k0008');
CREATE TABLE "refresh_tokens" (
	id VARCHAR NOT NULL, 
	token VARCHAR NOT NULL, 
	user_id VARCHAR NOT NULL, 
	generation INTEGER DEFAULT '0' NOT NULL, 
	rotated_at DATETIME, 
	last_used_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	auth_time DATETIME NOT NULL, 
	amr VARCHAR NOT NULL, 
	ip_address VARCHAR, 
	user_agent VARCHAR, 
	expires_at DATETIME NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_refresh_tokens PRIMARY KEY (id), 
	CONSTRAINT uq_refresh_tokens_token UNIQUE (token), 
	CONSTRAINT fk_refresh_tokens_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
,
	CONSTRAINT ck_refresh_tokens_id_sqlite_type CHECK (typeof(id) IN ('text', 'null')),
	CONSTRAINT ck_refresh_tokens_token_sqlite_type CHECK (typeof(token) IN ('text', 'null')),
	CONSTRAINT ck_refresh_tokens_user_id_sqlite_type CHECK (typeof(user_id) IN ('text', 'null')),
	CONSTRAINT ck_refresh_tokens_generation_sqlite_type CHECK (typeof(generation) IN ('integer', 'null')),
	CONSTRAINT ck_refresh_tokens_rotated_at_sqlite_type CHECK (rotated_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'),
	CONSTRAINT ck_refresh_tokens_last_used_at_sqlite_type CHECK (last_used_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'),
	CONSTRAINT ck_refresh_tokens_ended_at_sqlite_type CHECK (ended_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'),
	CONSTRAINT ck_refresh_tokens_auth_time_sqlite_type CHECK (auth_time GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'),
	CONSTRAINT ck_refresh_tokens_amr_sqlite_type CHECK (typeof(amr) IN ('text', 'null')),
	CONSTRAINT ck_refresh_tokens_ip_address_sqlite_type CHECK (typeof(ip_address) IN ('text', 'null')),
	CONSTRAINT ck_refresh_tokens_user_agent_sqlite_type CHECK (typeof(user_agent) IN ('text', 'null')),
	CONSTRAINT ck_refresh_tokens_expires_at_sqlite_type CHECK (expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'),
	CONSTRAINT ck_refresh_tokens_created_at_sqlite_type CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*')
);
INSERT INTO "refresh_tokens" VALUES('jxi4tls4zybliywm1m1g4pvp','9TT7mRb5JJ2KyrAwyYK0l37T6DX_sw3oli0KX-lbu-w','y9ipkmm9yljsbxgjvbvqs9vt',1,'2026-11-20 12:00:30.000000','2026-11-20 12:00:30.000000',NULL,'2026-11-20 12:00:00.000000','pwd','testclient','Old Browser','2026-11-27 12:00:30.000000','2026-11-20 12:00:00.000000');
INSERT INTO "refresh_tokens" VALUES('vmt84zntqqhfiee22193gslx','ZPX-CBkP7q0DgqMXVNhkJh_kWE-4aWxb0dcV6iE-xKM','fdxboji5wfddsh8hh1aava2j',0,NULL,'2026-11-20 12:00:00.000000',NULL,'2026-11-20 12:00:00.000000','pwd','testclient','Old Browser','2026-11-27 12:00:00.000000','2026-11-20 12:00:00.000000');
CREATE TABLE "users" (
	id VARCHAR NOT NULL, 
	email VARCHAR NOT NULL, 
	email_key VARCHAR NOT NULL, 
	password VARCHAR, 
	first_name VARCHAR, 
	last_name VARCHAR, 
	is_email_verified BOOLEAN DEFAULT 0 NOT NULL, 
	role VARCHAR DEFAULT 'USER' NOT NULL, 
	disabled_at DATETIME, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_users PRIMARY KEY (id), 
	CONSTRAINT uq_users_email UNIQUE (email), 
	CONSTRAINT uq_users_email_key UNIQUE (email_key)
,
	CONSTRAINT ck_users_id_sqlite_type CHECK (typeof(id) IN ('text', 'null')),
	CONSTRAINT ck_users_email_sqlite_type CHECK (typeof(email) IN ('text', 'null')),
	CONSTRAINT ck_users_email_key_sqlite_type CHECK (typeof(email_key) IN ('text', 'null')),
	CONSTRAINT ck_users_password_sqlite_type CHECK (typeof(password) IN ('text', 'null')),
	CONSTRAINT ck_users_first_name_sqlite_type CHECK (typeof(first_name) IN ('text', 'null')),
	CONSTRAINT ck_users_last_name_sqlite_type CHECK (typeof(last_name) IN ('text', 'null')),
	CONSTRAINT ck_users_is_email_verified_sqlite_type CHECK (is_email_verified IN (0, 1)),
	CONSTRAINT ck_users_role_sqlite_type CHECK (typeof(role) IN ('text', 'null')),
	CONSTRAINT ck_users_disabled_at_sqlite_type CHECK (disabled_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'),
	CONSTRAINT ck_users_created_at_sqlite_type CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'),
	CONSTRAINT ck_users_updated_at_sqlite_type CHECK (updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*')
);
INSERT INTO "users" VALUES('y9ipkmm9yljsbxgjvbvqs9vt','ada@example.com','ada@example.com','$argon2id$v=19$m=7168,t=1,p=1$dkBBP2o425Zu+kMQfDAx2Q$5FvTiXFtcKt2cdXFdjoXOrczhFt1heTifmcx4+fdXzs','Ada','Doe',0,'USER',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "users" VALUES('fdxboji5wfddsh8hh1aava2j','bob@example.com','bob@example.com','$argon2id$v=19$m=7168,t=1,p=1$fpVsjQaVOCkDOkf6SkPIbw$Xd+NziP61ZbpAgdXQ/CizKwCDsvwiXfVr2zeLmBDCCo','Bob','Doe',0,'USER',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000');
CREATE INDEX ix_gatewright_revocations_recorded_at ON gatewright_revocations (recorded_at);
CREATE INDEX ix_gatewright_revocations_expires_at ON gatewright_revocations (expires_at);
CREATE INDEX ix_gatewright_audit_events_occurred_at ON gatewright_audit_events (occurred_at);
CREATE INDEX ix_gatewright_audit_events_subject_id ON gatewright_audit_events (subject_id, occurred_at);
CREATE INDEX ix_gatewright_limits_expires_at ON gatewright_limits (expires_at);
CREATE INDEX ix_gatewright_outbox_done_at ON gatewright_outbox (done_at, due_at);
CREATE UNIQUE INDEX ix_gatewright_audit_events_number ON gatewright_audit_events (number);
CREATE INDEX ix_gatewright_audit_events_unsealed ON gatewright_audit_events (occurred_at, id) WHERE number IS NULL;
CREATE INDEX ix_gatewright_login_challenges_user_id ON gatewright_login_challenges (user_id);
CREATE INDEX ix_gatewright_login_challenges_expires_at ON gatewright_login_challenges (expires_at);
CREATE INDEX ix_refresh_tokens_user_id ON refresh_tokens (user_id);
CREATE INDEX ix_refresh_tokens_created_at ON refresh_tokens (created_at);
CREATE INDEX ix_email_verifications_user_id ON email_verifications (user_id);
CREATE INDEX ix_email_verifications_expires_at ON email_verifications (expires_at);
COMMIT;
