/** Fragments of one set: of one device, one envelope and one id. `other` and `own` are rows of `message`. */
export const isSameSetSql = `other.partial_key = own.partial_key AND other.device IS own.device
  AND other.envelope_sha256 = own.envelope_sha256 AND other.joined_into IS NULL`

/** Word for word as in the partial index, or SQLite won't use that. */
export const isCollectingSql = "state = 'collecting'"
