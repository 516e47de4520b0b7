s/, xattrs: .*}$/}/
