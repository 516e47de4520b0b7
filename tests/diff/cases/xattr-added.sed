/other/s/"}/", xattrs: {user.new: here}}/
