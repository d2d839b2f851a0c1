./shapes
