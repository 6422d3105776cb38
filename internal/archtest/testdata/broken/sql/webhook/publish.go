package webhook

const text = "INSERT COIN"
