./half
