s/^  \/etc\/link: .*/  \/etc\/link: {directory: true}/
