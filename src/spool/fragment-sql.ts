/** Fragments of one set: of one device, one envelope and one id. `other` and `own` are rows of `message`. */
const isSameScanSql = `other.partial_key = own.partial_key AND other.device IS own.device
  AND other.envelope_sha256 = own.envelope_sha256`
export const isSameSetSql = `${isSameScanSql} AND other.joined_into IS NULL`

/** The scan of `delivery.message` came whole since, by others of its fragments. */
export const isJoinedByOthersSql = `EXISTS (SELECT 1 FROM message AS own JOIN message AS other ON ${isSameScanSql}
  WHERE own.id = delivery.message AND own.joined_into IS NULL AND other.joined_into > own.id)`

/** The scan of `delivery.message` came whole since, for others of its recipients. */
export const isJoinedSql =
  'EXISTS (SELECT 1 FROM message WHERE id = delivery.message AND joined_into IS NOT NULL)'

/** Of table `delivery`: those of `@message`, of `@recipient` if that is not null; a scan in fragments is chosen as a whole. */
export const isChosenSql = `message IN
    (SELECT @message UNION SELECT other.id FROM message AS own JOIN message AS other ON ${isSameSetSql}
     WHERE own.id = @message)
  AND (@recipient IS NULL OR iif(message = @message, number = @recipient,
    address = (SELECT address FROM delivery WHERE message = @message AND number = @recipient)))`

/** Word for word as in the partial index, or SQLite won't use that. */
export const isCollectingSql = "state = 'collecting'"

/** Whatever is left of its set goes on without message `?`; of a scan that was joined, a late repeat is known by its key. */
export const leaveSetSql = `UPDATE message SET partial_key = NULL WHERE id = ? AND partial_key IS NOT NULL AND joined_into IS NULL AND NOT EXISTS
  (SELECT 1 FROM delivery WHERE message = id AND ${isCollectingSql})`
