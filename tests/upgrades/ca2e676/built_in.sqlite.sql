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
INSERT INTO "email_verifications" VALUES('jozuve8fztqvocn3xqagw2v8','f165ff5b8f19b2954709b24c652ebc0048a867d1c151f5ef1224f12cb4acd957','xe6l5pcdm2e882ocwkcf35or','verify_email','ada@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('kke633ek97oks7ucu4kr5d7f','c901d2909d80b94ada5db87a64d0bde4f044cc892ab6fb61fbaba9f003c8dac4','xe6l5pcdm2e882ocwkcf35or','not_me','ada@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('e0rqlb7tiykdy7ymopdrg7ha','fe0ae77d3880c0eaf90289ce37ac3f5e3dbe39b9a5d84dea08a1de4c27480085','t8y4xx3hmojiybyt8jn2yzyq','verify_email','bob@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('zswzkv0ivwyt202ktx5uc8mw','83f7d3c00ef3898d065530698b7b04d75cb184d87d716d9a254d3c498119626f','t8y4xx3hmojiybyt8jn2yzyq','not_me','bob@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('xvlklof3v5m75r74g23ts0o5','d05c1eff60e9bbe65fcc8e030bbf4ea9765950331f5254c3d74de4780aa8b147','t8y4xx3hmojiybyt8jn2yzyq','reset_password','bob@example.com',0,NULL,'2026-11-20 13:00:00.000000','2026-11-20 12:00:00.000000');
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
INSERT INTO "gatewright_audit_chain" VALUES('audit',X'012C0806A1350DB8759F4A7EBD172247785AB8F0BB3622B50C3E2A4FDBAB5F4FE0C0AC674B62274BBA6E95488555460D93726E23B7122C9FB4BB287D47417B7F136A6744EA',4,X'ADB220CAEAED60F357100F334CA7CB3B27523233388E970654FEC8F32AAA751A',X'70ADFB1B335CF62428FEA8130FABBD77F195CB4FFD33137EF0DC8F554AE2C84B',0,X'0000000000000000000000000000000000000000000000000000000000000000','2026-11-20 12:00:00.000000',X'CD6F64359798A3333DD63A9F23972717F543E34D0AB2DBAE9DC7E8CFD9B6E495',NULL,NULL);
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
INSERT INTO "gatewright_audit_events" VALUES('fjwwad9q6b4bg2hkckjhst0e','2026-11-20 12:00:00.000000','user.registered','success','xe6l5pcdm2e882ocwkcf35or','xe6l5pcdm2e882ocwkcf35or',NULL,'d511bede166cb14aaad1a4533014c99b','testclient','Old Browser','{}',2,X'75EB0A512236C7C837B6EBE8CE98FDF4',X'9A18E66E3709A8DD7D35A8CFC64AA049B1272AF7A0AB5A02249A7E96223845A9',X'2997DD8DCB4B7FE1723C90C6A14E0605BA25E68D5FF1A8B178A894A267C8D715');
INSERT INTO "gatewright_audit_events" VALUES('c7chhga8wtqctu5umkaxp9up','2026-11-20 12:00:00.000000','session.started','success','xe6l5pcdm2e882ocwkcf35or','xe6l5pcdm2e882ocwkcf35or','wixk36lk2wtk0bfu2sis7cfw','d511bede166cb14aaad1a4533014c99b','testclient','Old Browser','{}',1,X'E8BA1B2634DDC4BB1941BAA0805A344D',X'3D8CFDA22F04022F80FD77CA10866E0CED31F72DAFDC92619FF4418C5D9DA7EF',X'13D385A05093F51EF9C059DFACF315FFDAC2A852665466200A2BC9A25E7DC37A');
INSERT INTO "gatewright_audit_events" VALUES('zuvts3etbclex72re72o478i','2026-11-20 12:00:00.000000','user.registered','success','t8y4xx3hmojiybyt8jn2yzyq','t8y4xx3hmojiybyt8jn2yzyq',NULL,'a0eed803e577b407f72acf4390b79847','testclient','Old Browser','{}',4,X'6846FA7EFA65E79860B909FEBB50EB1A',X'23D04F341EDBF63AFDE9973A5750BB2DF2364E1C5E7F63BAD69A46E839E553D3',X'ADB220CAEAED60F357100F334CA7CB3B27523233388E970654FEC8F32AAA751A');
INSERT INTO "gatewright_audit_events" VALUES('gczrf9yku3i6e7o07ruowff4','2026-11-20 12:00:00.000000','session.started','success','t8y4xx3hmojiybyt8jn2yzyq','t8y4xx3hmojiybyt8jn2yzyq','xp3w15h8ycb8qx9bek2glmz5','a0eed803e577b407f72acf4390b79847','testclient','Old Browser','{}',3,X'67DEFA1240C086823CC3BAE5C974F88F',X'0EB07579342B756381E206930C99C76F650BBC10568E5B142FC2DBB991851140',X'5A56AD3BFCB8C842B0AF718EBFD9E83DF46978742AF20988B52516D2A99CAB99');
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
INSERT INTO "gatewright_outbox" VALUES('hzwnby36ye1r9z23veacq4o9',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',1,NULL,'2026-11-20 12:00:00.000000','sent');
INSERT INTO "gatewright_outbox" VALUES('o5m01esg5nwl251gg3hv5oby',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',1,NULL,'2026-11-20 12:00:00.000000','sent');
INSERT INTO "gatewright_outbox" VALUES('iv1q8nni28ur581f30a7e2cc',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',1,NULL,'2026-11-20 12:00:00.000000','sent');
INSERT INTO "gatewright_outbox" VALUES('f3erd5q8y2trt47oiddqibey',X'012C0806A1350DB875CD3A72167C92659A8A4180DD5DEF489E037A8704FF4DC3AADF4D603A1660641B6F3156FC68501E20B377F9A1D64036CB3114A5D0BB0255FB8D2BD8E9E1994AF66640D1065777E925C1622250FFBB1D81B6DBD8C0EA2F670CF2A11B866B018F8252744977','2026-11-20 12:00:30.000000','2026-11-20 12:00:30.000000',0,NULL,NULL,NULL);
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
INSERT INTO "gatewright_signing_keys" VALUES('7qC0qKqtHP0-4hqXh4s4JryfqocmcXD7U28rooJ3k28','ES256',1,X'012C0806A1350DB87584B2AFB59A2BD19C57CD31BBA22C3C0AB6851CB05A0AC31E30CDF538677CE37AFAE00A452A4C1E24142EE713DB8CD16DC5310CB59F5B4EC97F60570313CA5B4BE51D74D3B19A8D751D83A52940DF0918315A9D835674F95AE1E750D11E85265D0DADCA149FCD78B0739D6DFB5CB42F693624D98F167FBC9CD8066B530CB1119BE6E5064ABCB80974FFE730232AF0BB862E9B61DA4EC27ADFADC079580DE5073A9C2DB6612968386B7A8F0958FCC50406F6ABB35E1A2732CD819FF418CACD4980A4BF45EBE7428D1B423B3C9E53971FEB67063691F9A058A97BECEE4CE175DBD95175041C3309BB352416F2555DDB36C98FC1AFAB60E035638A02999C9EFE58B38B75FA9E13AB5D3F92E49486E9081CAB2FEE73ACC0D6397F2449','2026-11-20 12:00:00.000000',NULL,NULL,NULL);
CREATE TABLE gatewright_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT gatewright_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "gatewright_version" VALUES('k0007');
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
INSERT INTO "refresh_tokens" VALUES('wixk36lk2wtk0bfu2sis7cfw','Yo-JPzHF3Kcj1jz5AtFzNEP2ougGZOkrJ_KeeC11smM','xe6l5pcdm2e882ocwkcf35or',1,'2026-11-20 12:00:30.000000','2026-11-20 12:00:30.000000',NULL,'2026-11-20 12:00:00.000000','pwd','testclient','Old Browser','2026-11-27 12:00:30.000000','2026-11-20 12:00:00.000000');
INSERT INTO "refresh_tokens" VALUES('xp3w15h8ycb8qx9bek2glmz5','GbeXILvDxlAi6WqqA37i6SLJ5J5mwC0SsfkBE374GDg','t8y4xx3hmojiybyt8jn2yzyq',0,NULL,'2026-11-20 12:00:00.000000',NULL,'2026-11-20 12:00:00.000000','pwd','testclient','Old Browser','2026-11-27 12:00:00.000000','2026-11-20 12:00:00.000000');
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
INSERT INTO "users" VALUES('xe6l5pcdm2e882ocwkcf35or','ada@example.com','ada@example.com','$argon2id$v=19$m=7168,t=1,p=1$jeueBIHOPicVnM5hYUTERQ$0V7h+LdIZ64aUYJWR7LUfIYOIDp5Ur1pIybSLAEUBV4','Ada','Doe',0,'USER',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "users" VALUES('t8y4xx3hmojiybyt8jn2yzyq','bob@example.com','bob@example.com','$argon2id$v=19$m=7168,t=1,p=1$Q0XZ4nk7ZWAjM9XXMz4exQ$ahPIOssHdSWLrDJVJc9eoah416Ngl9raCtuDZVmOzfo','Bob','Doe',0,'USER',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000');
CREATE INDEX ix_gatewright_revocations_recorded_at ON gatewright_revocations (recorded_at);
CREATE INDEX ix_gatewright_revocations_expires_at ON gatewright_revocations (expires_at);
CREATE INDEX ix_gatewright_audit_events_occurred_at ON gatewright_audit_events (occurred_at);
CREATE INDEX ix_gatewright_audit_events_subject_id ON gatewright_audit_events (subject_id, occurred_at);
CREATE INDEX ix_gatewright_limits_expires_at ON gatewright_limits (expires_at);
CREATE INDEX ix_gatewright_outbox_done_at ON gatewright_outbox (done_at, due_at);
CREATE UNIQUE INDEX ix_gatewright_audit_events_number ON gatewright_audit_events (number);
CREATE INDEX ix_gatewright_audit_events_unsealed ON gatewright_audit_events (occurred_at, id) WHERE number IS NULL;
CREATE INDEX ix_refresh_tokens_user_id ON refresh_tokens (user_id);
CREATE INDEX ix_refresh_tokens_created_at ON refresh_tokens (created_at);
CREATE INDEX ix_email_verifications_user_id ON email_verifications (user_id);
CREATE INDEX ix_email_verifications_expires_at ON email_verifications (expires_at);
COMMIT;
