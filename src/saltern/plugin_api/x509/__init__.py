"""X.509 in Salt's words: keys, certificates, requests and revocation lists, read, built and compared."""
