enum AdminProtocolPlaceholder {}
