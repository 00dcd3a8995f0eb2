-- Refresh tokens rotate: the session keeps its id (the hash of the token's first half), the second half changes with
-- every use, and a second half that was used before ends the session.
alter table sessions add column refresh_hash bytea;
comment on column sessions.refresh_hash is 'SHA-256 of the secret half of the refresh token that may be used next; null for web sessions.';
