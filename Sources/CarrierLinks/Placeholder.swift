enum CarrierLinksPlaceholder {}
