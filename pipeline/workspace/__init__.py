"""What lasts: accepted workbooks and attachments with versions, the ledger, the outbox rows."""
