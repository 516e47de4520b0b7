/blob/d
