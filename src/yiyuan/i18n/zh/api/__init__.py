"""What the API's and the console's answers say in Chinese."""
