enum HTTPCorePlaceholder {}
