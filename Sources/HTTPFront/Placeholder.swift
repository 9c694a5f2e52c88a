enum HTTPFrontPlaceholder {}
