BEGIN TRANSACTION;
CREATE TABLE email_verifications (
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
);
INSERT INTO "email_verifications" VALUES('iwwjoshd0c32m1en7kzzkone','8ec4b7aaea1131be472469d40148de1d410a3086e404e1065e7355ae1c12b904','o9vhnrxhgixzzk7q966bvv98','verify_email','ada@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('mwce6bbzi40uq47rbhluytlt','319deb149c6a1876b6fc44d843b74df746d90130a9e5232526fdf692a06710c7','o9vhnrxhgixzzk7q966bvv98','not_me','ada@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('o89ez61zmp2g0pgy4lo7uzvv','555322e3e9fc2d86e69cc95a5590ecd573dc3665f290b0a73c6a33494b5d6db6','esmiwanalvz136gy6a8vx967','verify_email','bob@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('ly4he1bdfyla4u3e8ljcm2uw','b5cb685624aa6ca549dd6114c07229f862fae870a681ed5ab221c81e7a4a11ec','esmiwanalvz136gy6a8vx967','not_me','bob@example.com',0,NULL,'2026-11-21 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "email_verifications" VALUES('ek9kek9ym3v5nxocb35lz98i','4ae333ea9b7d4d77ff5b1527774d7c66ff68c8c39dc85e1a9403571834cead24','esmiwanalvz136gy6a8vx967','reset_password','bob@example.com',0,NULL,'2026-11-20 13:00:00.000000','2026-11-20 12:00:00.000000');
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
INSERT INTO "gatewright_audit_chain" VALUES('audit',X'012C0806A1350DB875DCE1AE7CB9C35D3F4967D70DC3759F5E3FF52158A380F62805EDC7557359BBEB714D58E3B38BA132DB44B156A67008D4BA28E637ABE2ED62077E97F8',4,X'6ED9833ECEAE33A70CCA4CBCEE175B9AB4B6A9439DD2717891E3877DCA56E6BE',X'639B72A65C9B73EE6DEF15023A316A5EE68CB55EDE9BE2EE6A28DF4510F46AE8',0,X'0000000000000000000000000000000000000000000000000000000000000000','2026-11-20 12:00:30.000000',X'D81A800F106FDAC8B7B85CD9C15EC9D9B13692824B95DB9E5AA8B53BF8AB2C09',NULL,NULL);
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
INSERT INTO "gatewright_audit_events" VALUES('zogu84wze14c1cdr4cc8289x','2026-11-20 12:00:00.000000','user.registered','success','o9vhnrxhgixzzk7q966bvv98','o9vhnrxhgixzzk7q966bvv98',NULL,'5318e3a07b2b51905705483680fefede','testclient','Old Browser','{}',4,X'2A09066728C55F3D6218B6F399723974',X'7626562E35D0261B07474F462647045EEABFC23C814FE55E0860B23E21C31722',X'6ED9833ECEAE33A70CCA4CBCEE175B9AB4B6A9439DD2717891E3877DCA56E6BE');
INSERT INTO "gatewright_audit_events" VALUES('h2uibi5864onih6jjn7212fh','2026-11-20 12:00:00.000000','session.started','success','o9vhnrxhgixzzk7q966bvv98','o9vhnrxhgixzzk7q966bvv98','naz5rz2jv6dtbt1fqtzqfqwm','5318e3a07b2b51905705483680fefede','testclient','Old Browser','{}',2,X'6AE279212086C360C4D1F3F76B91B5C3',X'4AF627AD2503E3D57541A1471955994A54631AD6BCA3917F6BD808D9278BFA90',X'699B2E211956862E7D60BD11612501122356BD59E2720223908F39DDA7AE9ED8');
INSERT INTO "gatewright_audit_events" VALUES('gxp5fzk3c926xcjm7eryc2f0','2026-11-20 12:00:00.000000','user.registered','success','esmiwanalvz136gy6a8vx967','esmiwanalvz136gy6a8vx967',NULL,'3c51dade318d046dabf77686c0712986','testclient','Old Browser','{}',1,X'323A5CC5B9E9EAC891D776DB19AE880B',X'EF083DDC2F4A39CBDCE2027CECCB53F48A3BA827E27BCE67DC312DA017BBB490',X'B3A846E42828104FAFE0724178242EA21118FF1A3A357139D63FFF4A6C93E608');
INSERT INTO "gatewright_audit_events" VALUES('r5nrrz46t2quibsy0yuiwcee','2026-11-20 12:00:00.000000','session.started','success','esmiwanalvz136gy6a8vx967','esmiwanalvz136gy6a8vx967','ugge26018e9hnp5og6hnistd','3c51dade318d046dabf77686c0712986','testclient','Old Browser','{}',3,X'C0815DA37BB016F67042926CEADCC5A2',X'FE0C1AB77719D7F99C29908BC999FB740436B6679A557281F7A31286FC1662B6',X'4544B878CD8369EBEFA5B4DE987C4B776CABE7F968626E570C9F45D6B308054D');
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
INSERT INTO "gatewright_outbox" VALUES('h4ofuwthlv1r7m771pcm7icb',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',1,NULL,'2026-11-20 12:00:00.000000','sent');
INSERT INTO "gatewright_outbox" VALUES('b2w8gs885nfl4s2smju1e9rl',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',1,NULL,'2026-11-20 12:00:00.000000','sent');
INSERT INTO "gatewright_outbox" VALUES('o58ky7ng8mf90fr7tlrxtltc',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000',1,NULL,'2026-11-20 12:00:00.000000','sent');
INSERT INTO "gatewright_outbox" VALUES('bbm8xawlk8w1qdbe8jyz0hw2',X'012C0806A1350DB875C991B5DE32B333E9AEE27FE49B9F22B5786F4EFA77198CD06F04F20671D6C01CABDC606DBCC009C7DDC2EA40763641507FE864090AEF9453CE0C3B848FF42803C39457284C8A858498E75D0A0220E4FFD2CF19B2101239B80FE3D7B63F7A2B8AE3BF9D07','2026-11-20 12:00:30.000000','2026-11-20 12:00:30.000000',0,NULL,NULL,NULL);
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
INSERT INTO "gatewright_signing_keys" VALUES('l9r4Eiibtl8EYOh4F8Urctxqye8_wdHAKM6PFOHUTFo','ES256',1,X'012C0806A1350DB87518F0D4F8FC87CEB813DFDC43881B1C3F5F65DDE2961943F85840935C7A63E66D4619A1BD29F6631D4E59DEF46BB1CB5B03E1A5B7FBAD5F948F9DD24EBC5D9626C634D72E3585FC4A190DCA8109C77F867ECE0E9FBFEF50D436AFA2AC5ADA73E528934FAA87FD94F81568E1AB61494697E63FDD5B72E0A3F70AA63807D38BA3435D6F4F2CA3C56061309F57A816A7320C173A65059A4B0A89C9A3471BFE0B821DC2B99DF146C6186B675BEA1C4441933C7A7D34947C255116CD92865F5FB593E959D715966FDBE96672FF24F5B4C1B5FB318429169728E6A8A5E7FA3D88D97176F1EE5B6555FF32AC27396F8C6B7A2B5A692C57820EA3AB873EB109FF430129B6415AD959B01782901DBFE7D5CA4E3279A43677490A4C1C83EB20','2026-11-20 12:00:00.000000',NULL,NULL,NULL);
CREATE TABLE gatewright_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT gatewright_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "gatewright_version" VALUES('k0005');
CREATE TABLE refresh_tokens (
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
);
INSERT INTO "refresh_tokens" VALUES('naz5rz2jv6dtbt1fqtzqfqwm','27_lCq7Bogt3mRy7Myr4YnWihXL3YF7iWMqSFZ22f_Q','o9vhnrxhgixzzk7q966bvv98',1,'2026-11-20 12:00:30.000000','2026-11-20 12:00:30.000000',NULL,'2026-11-20 12:00:00.000000','pwd','testclient','Old Browser','2026-11-27 12:00:30.000000','2026-11-20 12:00:00.000000');
INSERT INTO "refresh_tokens" VALUES('ugge26018e9hnp5og6hnistd','gY1CMgH-83eUzIoW8wJR30wEJrr6HnPo_a0Warvq8HU','esmiwanalvz136gy6a8vx967',0,NULL,'2026-11-20 12:00:00.000000',NULL,'2026-11-20 12:00:00.000000','pwd','testclient','Old Browser','2026-11-27 12:00:00.000000','2026-11-20 12:00:00.000000');
CREATE TABLE users (
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
);
INSERT INTO "users" VALUES('o9vhnrxhgixzzk7q966bvv98','ada@example.com','ada@example.com','$argon2id$v=19$m=7168,t=1,p=1$ha6aQgt4jLprOyu2L5S/8A$1yAgsVovKQinXgLCeYdElnk+5WC9EIr607p9418c97c','Ada','Doe',0,'USER',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000');
INSERT INTO "users" VALUES('esmiwanalvz136gy6a8vx967','bob@example.com','bob@example.com','$argon2id$v=19$m=7168,t=1,p=1$nBicHbzOS8PviI2xnt6JzA$E+6rgOgSC/EkF5cQj24EDiJfUC9tiSwe7w0by5W8/ts','Bob','Doe',0,'USER',NULL,'2026-11-20 12:00:00.000000','2026-11-20 12:00:00.000000');
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
